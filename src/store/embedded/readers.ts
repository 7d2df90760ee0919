import { LightwatchError } from '../../errors.ts';

/** Queries that may wait for a reader before newcomers are refused. */
const MAX_WAITING = 256;

/** A few readers for many queries, which get them in the order in which they ask. */
export class Readers<R> {
  private readonly idle: R[];
  private waiting: ((reader: R) => void)[] = [];

  constructor(readers: readonly R[]) {
    this.idle = [...readers];
  }

  /**
   * @throws LW_OVERLOADED when too many are waiting already, or none is free within `timeoutMs`; the reason of `signal`
   * when it is aborted before.
   */
  async take(timeoutMs: number, signal?: AbortSignal): Promise<R> {
    signal?.throwIfAborted();
    const reader = this.idle.pop();
    if (reader !== undefined) return reader;
    if (this.waiting.length >= MAX_WAITING) throw overloaded();
    return new Promise((resolve, reject) => {
      const take = (given: R) => {
        stopWaiting();
        resolve(given);
      };
      const refuse = (reason: unknown) => {
        stopWaiting();
        this.waiting = this.waiting.filter((other) => other !== take);
        reject(reason);
      };
      const abort = () => refuse(signal?.reason);
      const timer = setTimeout(() => refuse(overloaded()), timeoutMs);
      const stopWaiting = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.waiting.push(take);
    });
  }

  /** Before everybody who waits, and never refused: for who has to have all of them. */
  async takeNext(): Promise<R> {
    return this.idle.pop() ?? new Promise((resolve) => this.waiting.unshift(resolve));
  }

  /** Gives a reader back: to the next who waits, so that no newcomer gets there first. */
  give(reader: R): void {
    const next = this.waiting.shift();
    if (next === undefined) this.idle.push(reader);
    else next(reader);
  }
}

function overloaded(): LightwatchError {
  return new LightwatchError('LW_OVERLOADED', 'too many queries are waiting', { retryAfterS: 1 });
}
