/** How often a number is worth a look. */
const EVERY_MS = 500;

/** A line on a terminal that says how far something is; silent where stderr is no terminal. */
export class Progress {
  readonly #total: number | undefined;
  readonly #verb: string;
  #shownAt = 0;
  #shown = false;

  constructor(verb: string, total?: number) {
    this.#verb = verb;
    this.#total = total;
  }

  show(events: number, now = performance.now()): void {
    if (!process.stderr.isTTY || now - this.#shownAt < EVERY_MS) return;
    this.#shownAt = now;
    this.#shown = true;
    process.stderr.write(`\r${this.#line(events)}\u001b[K`);
  }

  /** Clears the line. */
  end(): void {
    if (this.#shown) process.stderr.write('\r\u001b[K');
  }

  #line(events: number): string {
    const count = `${this.#verb} ${events.toLocaleString('en')}`;
    if (this.#total === undefined || this.#total === 0) return `${count} events`;
    const share = Math.min(100, Math.floor((100 * events) / this.#total));
    return `${count} of ${this.#total.toLocaleString('en')} events, ${share} %`;
  }
}
