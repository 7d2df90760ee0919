import type { Kind } from '../../../schemas/event.ts';
import { all, equals, type Field, type Filter } from '../../core/filter.ts';
import type { TimeRange } from '../../core/time-range.ts';
import type { ReadOptions, Store } from '../../store/store.ts';

export interface RangeParameters {
  readonly from?: string;
  readonly to?: string;
  readonly service?: string;
}

/** What lies in a range, of one service or of all. */
export function within(range: Required<TimeRange>, service: string | undefined): Filter {
  return all({ op: 'time', ...range }, ...(service === undefined ? [] : [equals('service', service)]));
}

/** How many events there are of each value of a field. Events without one are left out. */
export async function countsBy(
  store: Store,
  kind: Kind,
  where: Filter,
  field: Field,
  options: ReadOptions,
): Promise<Record<string, number>> {
  const { groups } = await store.aggregate({ kind, where, functions: ['count'], groupBy: [field] }, options);
  // Without a prototype: a service may well be called __proto__.
  const counts = Object.create(null) as Record<string, number>;
  for (const { group, points } of groups) {
    const value = group[field];
    if (typeof value === 'string') counts[value] = points[0]?.values.count ?? 0;
  }
  return counts;
}

export async function countOf(store: Store, kind: Kind, where: Filter, options: ReadOptions): Promise<number> {
  const { groups } = await store.aggregate({ kind, where, functions: ['count'], groupBy: [] }, options);
  return groups[0]?.points[0]?.values.count ?? 0;
}

export const sumOf = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
