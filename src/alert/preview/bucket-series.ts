import type { RuleAggregate } from '../../../schemas/rule.ts';
import type { AggregateFn, AggregatePoint } from '../../store/store.ts';
import type { Window } from '../event-data.ts';
import { lowerBound } from './sorted.ts';

/** What of each bucket must be known to tell a function of a window made of whole buckets. Of quantiles that is nothing. */
export function functionsFor(fn: RuleAggregate): readonly AggregateFn[] {
  if (fn === 'avg') return ['sum', 'count'];
  return [fn];
}

/** One group's past in buckets of equal width: answers for any window of whole ones. Buckets without events are not there. */
export class BucketSeries {
  readonly #times: number[] = [];
  /** By function, the value of each bucket; of counts the total up to and with it. Sums of fractions would not bear that. */
  readonly #columns = new Map<AggregateFn, number[]>();

  get length(): number {
    return this.#times.length;
  }

  /** Adds buckets that are later than all before. */
  push(points: readonly AggregatePoint[]): void {
    for (const { time, values } of points) {
      this.#times.push(time);
      for (const [fn, value] of Object.entries(values) as [AggregateFn, number][]) this.#column(fn, value);
    }
  }

  /** Undefined when the window has no events. */
  in(window: Window, fn: RuleAggregate): number | undefined {
    const begin = lowerBound(this.#times, window.from);
    const end = lowerBound(this.#times, window.to + 1);
    if (begin === end) return undefined;
    switch (fn) {
      case 'count':
        return this.#count(begin, end);
      case 'sum':
        return this.#sum(begin, end);
      case 'avg':
        return this.#sum(begin, end) / this.#count(begin, end);
      case 'min':
        return this.#values('min')
          .slice(begin, end)
          .reduce((a, b) => Math.min(a, b));
      case 'max':
        return this.#values('max')
          .slice(begin, end)
          .reduce((a, b) => Math.max(a, b));
      default:
        return this.#values(fn)[end - 1];
    }
  }

  #column(fn: AggregateFn, value: number): void {
    const column = this.#columns.get(fn) ?? [];
    this.#columns.set(fn, column);
    column.push(fn === 'count' ? (column.at(-1) ?? 0) + value : value);
  }

  #count(begin: number, end: number): number {
    const totals = this.#values('count');
    return (totals[end - 1] ?? 0) - (totals[begin - 1] ?? 0);
  }

  #sum(begin: number, end: number): number {
    const sums = this.#values('sum');
    let total = 0;
    for (let index = begin; index < end; index++) total += sums[index] ?? 0;
    return total;
  }

  #values(fn: AggregateFn): readonly number[] {
    const column = this.#columns.get(fn);
    if (column === undefined) throw new Error(`BUG: ${fn} was not read`);
    return column;
  }
}
