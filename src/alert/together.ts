/** One ask that waits for its answer. */
export interface Waiting<Ask, Answer> {
  readonly ask: Ask;
  answer(answer: Answer): void;
  fail(cause: unknown): void;
}

/** Collects what is asked within one turn of the event loop, so that one query can answer much of it. */
export class Together<Ask, Answer> {
  readonly #take: (waiting: readonly Waiting<Ask, Answer>[]) => void;
  #waiting: Waiting<Ask, Answer>[] = [];

  /** `take` must answer or fail each of those it is given. */
  constructor(take: (waiting: readonly Waiting<Ask, Answer>[]) => void) {
    this.#take = take;
  }

  ask(ask: Ask): Promise<Answer> {
    return new Promise((answer, fail) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#hand());
      this.#waiting.push({ ask, answer, fail });
    });
  }

  #hand(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#take(waiting);
  }
}
