import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.ts';

/** How long a request waits to be counted: Redis takes a tenth of a millisecond, and without it there is a count at hand. */
const ANSWER_WITHIN_MS = 100;
/** How long a Redis that did not answer in time is left alone. */
const LEFT_ALONE_MS = 1000;

const PREFIX = 'rate-limit:';

/** Counts in a window that begins with its first count. Answers the count and what is left of the window, milliseconds. */
const COUNT = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { count, redis.call('PTTL', KEYS[1]) }
`;

export interface Counted {
  readonly count: number;
  /** When the window ends, milliseconds from now. */
  readonly resetsInMs: number;
}

/** Counts for all replicas together. */
export class RateCounter {
  readonly #redis: Redis;
  readonly #clock: Clock;
  #leftAloneUntil = 0;

  constructor(redis: Redis, clock: Clock) {
    this.#redis = redis;
    this.#clock = clock;
  }

  /** Counts one more of `key`. Never rejects: resolves to undefined, soon, when Redis cannot say. */
  async count(key: string, windowMs: number): Promise<Counted | undefined> {
    if (this.#redis.status !== 'ready' || this.#clock.now() < this.#leftAloneUntil) return undefined;
    return new Promise((resolve) => {
      const timer = this.#clock.after(ANSWER_WITHIN_MS, () => {
        this.#leftAloneUntil = this.#clock.now() + LEFT_ALONE_MS;
        resolve(undefined);
      });
      this.#redis
        .eval(COUNT, 1, PREFIX + key, windowMs)
        .then(
          (answer) => resolve(readCount(answer)),
          () => resolve(undefined),
        )
        .finally(() => timer.cancel());
    });
  }
}

function readCount(answer: unknown): Counted | undefined {
  if (!Array.isArray(answer)) return undefined;
  const [count, resetsInMs] = answer.map(Number);
  return count === undefined || resetsInMs === undefined ? undefined : { count, resetsInMs };
}
