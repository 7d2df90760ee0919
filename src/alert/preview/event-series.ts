import type { RuleAggregate } from '../../../schemas/rule.ts';
import { quantile } from '../../core/quantile.ts';
import type { Window } from '../event-data.ts';
import { lowerBound } from './sorted.ts';

const SHARES: Partial<Record<RuleAggregate, number>> = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 };

/** One group's past, each single event: for what cannot be put together from buckets. */
export class EventSeries {
  readonly #times: number[] = [];
  readonly #values: number[] = [];

  /** Adds an event that is not earlier than any before; of one without a value only the time is asked. */
  push(time: number, value = Number.NaN): void {
    this.#times.push(time);
    this.#values.push(value);
  }

  /** Undefined when the window has no events. */
  in({ from, to }: Window, fn: RuleAggregate): number | undefined {
    const begin = lowerBound(this.#times, from);
    const end = lowerBound(this.#times, to + 1);
    if (begin === end) return undefined;
    if (fn === 'count') return end - begin;
    const share = SHARES[fn];
    if (share === undefined) throw new Error(`BUG: ${fn} does not need every event`);
    return quantile(
      this.#values.slice(begin, end).sort((a, b) => a - b),
      share,
    );
  }

  /** The newest `count` times up to and with `now`, oldest first. */
  newest(count: number, now: number): readonly number[] {
    const end = lowerBound(this.#times, now + 1);
    return this.#times.slice(Math.max(0, end - count), end);
  }
}
