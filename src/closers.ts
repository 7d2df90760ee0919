import type { BaseLogger } from 'pino';
import type { Clock } from './core/clock.ts';

/** How long a whole shutdown may take: orchestrators kill after 10 s. */
export const CLOSE_WITHIN_MS = 9_500;

/** What was opened, to be closed in reverse. */
export class Closers {
  readonly #log: Pick<BaseLogger, 'error'>;
  readonly #parts: { readonly name: string; readonly close: () => Promise<unknown> }[] = [];
  #closing: Promise<boolean> | undefined;

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
   * rest closed all the same. Resolves after `withinMs` at the latest, to whether everything has ended by then; what has
   * not is logged, and may keep the process alive. A second call waits for the first.
   */
  close(clock: Clock, withinMs: number): Promise<boolean> {
    this.#closing ??= this.#close(clock, withinMs);
    return this.#closing;
  }

  async #close(clock: Clock, withinMs: number): Promise<boolean> {
    let current = 'nothing';
    const all = this.#closeEach((name) => {
      current = name;
    });
    const ended = await endsWithin(clock, withinMs, all);
    if (!ended) this.#log.error({ part: current }, 'shutdown took too long; the rest is abandoned');
    return ended;
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

/** Resolves to whether `work` has ended within `withinMs`. Rejects as it does. */
export async function endsWithin(clock: Clock, withinMs: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(withinMs, () => resolve(false));
    work.then(() => resolve(true), reject).finally(() => timer.cancel());
  });
}
