const FIRST = 500;
const LONGEST = 30_000;
/** A connection that held for so long was a good one. */
const STABLE = 10_000;
/** After a restart or a backlog the server needs a moment, and all its clients come back at once. */
const BUSY = 2_000;
const SERVICE_RESTART = 1012;
const TRY_AGAIN_LATER = 1013;

/** How long to wait before the next attempt: a random part of a time that doubles from 0.5 to 30 s. */
export class Backoff {
  #failures = 0;
  #openedAt: number | undefined;

  /** The connection stands. */
  opened(): void {
    this.#openedAt = Date.now();
  }

  /** Milliseconds to wait after a connection or an attempt ended with this code. */
  after(code: number): number {
    if (this.#openedAt !== undefined && Date.now() - this.#openedAt >= STABLE) this.#failures = 0;
    this.#openedAt = undefined;
    const least = code === SERVICE_RESTART || code === TRY_AGAIN_LATER ? BUSY : 0;
    const ceiling = Math.max(least, Math.min(LONGEST, FIRST * 2 ** this.#failures));
    this.#failures += 1;
    return Math.random() * ceiling;
  }
}
