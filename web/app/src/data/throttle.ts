/** Does something at once, then at most once a period per key; the last call of a period is not lost. */
export class Throttle {
  readonly #timers = new Map<string, { due: (() => void) | undefined; timer: ReturnType<typeof setTimeout> }>();

  /** `period` in milliseconds. */
  constructor(readonly period: number) {}

  run(key: string, action: () => void): void {
    const waiting = this.#timers.get(key);
    if (waiting) {
      waiting.due = action;
      return;
    }
    this.#rest(key);
    action();
  }

  clear(): void {
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #rest(key: string): void {
    const timer = setTimeout(() => {
      const due = this.#timers.get(key)?.due;
      this.#timers.delete(key);
      if (!due) return;
      this.#rest(key);
      due();
    }, this.period);
    this.#timers.set(key, { due: undefined, timer });
  }
}
