import type { BaseLogger } from 'pino';
import type { Clock } from './core/clock.ts';

/** What was opened, to be closed in reverse. */
export class Closers {
  readonly #log: Pick<BaseLogger, 'error'>;
  readonly #parts: { readonly name: string; readonly close: () => Promise<unknown> }[] = [];
  #closing: Promise<void> | undefined;

  constructor(log: Pick<BaseLogger, 'error'>) {
    this.#log = log;
  }

  get begun(): boolean {
    return this.#closing !== undefined;
  }

  add(name: string, close: () => Promise<unknown>): void {
    this.#parts.push({ name, close });
  }

  /**
   * Closes everything, what was opened last first, each after the one before it. A part that fails is logged and the
   * rest closed all the same. Resolves after `withinMs` at the latest. A second call waits for the first.
   */
  close(clock: Clock, withinMs: number): Promise<void> {
    this.#closing ??= this.#close(clock, withinMs);
    return this.#closing;
  }

  async #close(clock: Clock, withinMs: number): Promise<void> {
    let current = 'nothing';
    const all = this.#closeEach((name) => {
      current = name;
    });
    const timeUp = new Promise<void>((resolve) => {
      const timer = clock.after(withinMs, () => {
        this.#log.error({ part: current }, 'shutdown took too long; the rest is abandoned');
        resolve();
      });
      void all.then(() => timer.cancel());
    });
    return Promise.race([all, timeUp]);
  }

  async #closeEach(begin: (name: string) => void): Promise<void> {
    for (const { name, close } of this.#parts.toReversed()) {
      begin(name);
      try {
        await close();
      } catch (err) {
        this.#log.error({ err, part: name }, 'could not be closed');
      }
    }
  }
}
