type Call = (data: unknown, frame: unknown) => unknown;

/** Who wants to hear what. One handler's failure is reported and concerns no other. */
export class Handlers {
  readonly #calls = new Map<string, Set<Call>>();

  /** Adds a handler; the returned function removes it. */
  add(pattern: string, call: Call): () => void {
    const calls = this.#calls.get(pattern) ?? new Set();
    this.#calls.set(pattern, calls.add(call));
    return () => this.remove(pattern, call);
  }

  /** Removes a handler, or all of a pattern. */
  remove(pattern: string, call?: Call): void {
    const calls = this.#calls.get(pattern);
    if (call) calls?.delete(call);
    if (!call || calls?.size === 0) this.#calls.delete(pattern);
  }

  has(pattern: string): boolean {
    return this.#calls.has(pattern);
  }

  /** Calls those of exactly this name. */
  tell(name: string, data: unknown, frame?: unknown): void {
    // A copy, because a handler may add and remove handlers.
    for (const call of [...(this.#calls.get(name) ?? [])]) this.#guarded(call, data, frame);
  }

  /** Calls those of this name and of all patterns that stand for it. */
  tellMatching(name: string, data: unknown, frame: unknown): void {
    this.tell(name, data, frame);
    for (const pattern of [...this.#calls.keys()]) {
      if (pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1))) this.tell(pattern, data, frame);
    }
  }

  /** Tells the `error` handlers, or the console if there are none. */
  report(cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    if (this.has('error')) this.tell('error', error);
    else console.error(error);
  }

  #guarded(call: Call, data: unknown, frame: unknown): void {
    const failed = (cause: unknown) => (data instanceof Error ? console.error(cause) : this.report(cause));
    try {
      const result = call(data, frame);
      if (result instanceof Promise) result.catch(failed);
    } catch (cause) {
      failed(cause);
    }
  }
}
