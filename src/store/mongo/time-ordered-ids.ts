import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';

/** Digits of a number of microseconds since the epoch; enough until the year 2286. */
const DIGITS = 16;
const MICROS_PER_MS = 1000;

/**
 * Ids that compare as text in the order they were taken, across restarts and, as far as clocks agree, across replicas:
 * microseconds since the epoch, then a word of this process, which no other has. The embedded store's ids are the same
 * number without the word: events that were copied from one keep their place.
 */
export class TimeOrderedIds {
  readonly #clock: Clock;
  readonly #writer = randomBytes(3).toString('hex');
  #last = 0;

  /** @param after the greatest id that is in use: a clock that was set back must not repeat it */
  constructor(clock: Clock, after = '') {
    this.#clock = clock;
    this.#last = microsOf(after);
  }

  /** Takes as many ids and answers each by its place. */
  take(count: number): (index: number) => string {
    const first = Math.max(this.#last + 1, this.#clock.now() * MICROS_PER_MS);
    this.#last = first + count - 1;
    return (index) => this.#format(first + index);
  }

  #format(micros: number): string {
    return `${digitsOf(micros)}${this.#writer}`;
  }
}

/** Comes before all ids that were taken less than `ms` before `id`; `id` itself when it is none. */
export function earlierId(id: string, ms: number): string {
  const micros = microsOf(id);
  return micros === 0 ? id : digitsOf(Math.max(0, micros - ms * MICROS_PER_MS));
}

function digitsOf(micros: number): string {
  return String(micros).padStart(DIGITS, '0');
}

/** When an id was taken, 0 for text that is none. */
export function microsOf(id: string): number {
  const digits = id.slice(0, DIGITS);
  return /^\d{16}$/.test(digits) ? Number(digits) : 0;
}
