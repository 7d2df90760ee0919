/** The first wait, and the longest. */
const FIRST_MS = 500;
const MAX_MS = 30_000;

/** How long to wait between tries: twice as long each time, and never quite the same, so that many agents spread. */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  #tries = 0;

  constructor(firstMs = FIRST_MS, maxMs = MAX_MS) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
  }

  /** Milliseconds until the next try; at least `atLeastMs`, which is what the server asked for. */
  next(atLeastMs = 0): number {
    const ceiling = Math.min(this.#maxMs, this.#firstMs * 2 ** this.#tries);
    this.#tries = Math.min(this.#tries + 1, 30);
    return atLeastMs + ceiling / 2 + Math.random() * (ceiling / 2);
  }

  /** It worked: the next failure starts from the first wait. */
  reset(): void {
    this.#tries = 0;
  }
}
