/** Milliseconds by which two clocks may drift apart in one. */
const DRIFT = 1e-4;

/** The server's clock, as far as the times of questions and answers tell. */
export class ServerClock {
  #offset = 0;
  #error = Infinity;
  #measuredAt = 0;

  /** The server answered with its time, in milliseconds, to a question asked at `askedAt`. */
  measure(askedAt: number, serverTime: number): void {
    const now = Date.now();
    if (!Number.isFinite(serverTime) || now < askedAt) return;
    const offset = serverTime - (askedAt + now) / 2;
    const error = (now - askedAt) / 2;
    const aged = this.#error + Math.abs(now - this.#measuredAt) * DRIFT;
    // Worse, but beyond what both can be wrong by: the own clock was set.
    const contradicts = Math.abs(offset - this.#offset) > error + aged;
    if (error <= aged || contradicts) {
      this.#offset = offset;
      this.#error = error;
      this.#measuredAt = now;
    }
  }

  /** Milliseconds since 1970 by the server's clock. */
  now(): number {
    return Date.now() + this.#offset;
  }
}
