import type { Filter } from '../../core/filter.ts';

/** A place that holds events of one kind: a day's file, or what is still in the journal. */
export interface Partition {
  /** What stands behind FROM. */
  readonly source: string;
  readonly firstId: number;
  readonly lastId: number;
  readonly events: number;
  readonly minTime: number;
  readonly maxTime: number;
}

/** The partitions that may hold an event which a filter lets through. */
export function partitionsFor(partitions: readonly Partition[], filter: Filter): readonly Partition[] {
  const { from, to } = timeBounds(filter);
  return partitions.filter((partition) => partition.events > 0 && partition.maxTime >= from && partition.minTime <= to);
}

/** The range of time that a filter asks for at most, in milliseconds since the epoch. */
export function timeBounds(filter: Filter): { readonly from: number; readonly to: number } {
  const bounds = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  if (filter.op === 'time') return { from: filter.from ?? bounds.from, to: filter.to ?? bounds.to };
  if (filter.op !== 'all') return bounds;
  return filter.filters
    .map(timeBounds)
    .reduce((a, b) => ({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) }), bounds);
}
