import type { Kind } from '../../../schemas/event.ts';
import type { Filter } from '../../core/filter.ts';
import { isSelective, type Need, needOf } from './filter-need.ts';
import type { CountedDay } from './kept-counts.ts';
import type { IdRange } from './word-filters.ts';

/** A place that holds events of one kind: a day's file, or what is still in the journal. */
export interface Partition {
  /** What stands behind FROM. */
  readonly source: string;
  readonly firstId: number;
  readonly lastId: number;
  readonly events: number;
  readonly minTime: number;
  readonly maxTime: number;
  /** The table of its kept counts, and what is in them. */
  readonly counts?: CountedDay & { readonly source: string };
  /** Whether it is only ranges of what is there: to be read as a whole. */
  readonly isCut?: boolean;
  /** The ranges of ids that may have what is needed; undefined when nothing is known. */
  ranges?(need: Need): readonly IdRange[] | undefined;
}

/** Ranges that are asked for at most, one by one, instead of the whole partition: each costs about a millisecond. */
const MAX_RANGES = 32;
/** How many times fewer rows they must have, all together. */
const RANGES_FACTOR = 4;

/**
 * The partitions that may hold an event which a filter lets through. Where the filter names something rare they are cut
 * down to the ranges that may have it, and those of all partitions are one.
 */
export function partitionsFor(kind: Kind, partitions: readonly Partition[], filter: Filter): readonly Partition[] {
  const { from, to } = timeBounds(filter);
  // No whole millisecond lies in it.
  if (Math.ceil(from) > Math.floor(to)) return [];
  const inTime = partitions.filter(
    (partition) => partition.events > 0 && partition.maxTime >= from && partition.minTime <= to,
  );
  const need = needOf(kind, filter);
  return need === undefined || !isSelective(need) ? inTime : narrowed(inTime, need);
}

function narrowed(partitions: readonly Partition[], need: Need): readonly Partition[] {
  const whole: Partition[] = [];
  const cut: { readonly partition: Partition; readonly ranges: readonly IdRange[] }[] = [];
  let left = MAX_RANGES;
  for (const partition of partitions) {
    const ranges = partition.ranges?.(need);
    const isFew = ranges !== undefined && ranges.length <= left && rowsIn(ranges) * RANGES_FACTOR <= partition.events;
    if (!isFew) whole.push(partition);
    else if (ranges.length > 0) {
      cut.push({ partition, ranges });
      left -= ranges.length;
    }
  }
  if (cut.length === 0) return whole;
  const sources = cut.flatMap(({ partition, ranges }) =>
    ranges.map(({ first, last }) => `SELECT * FROM ${partition.source} WHERE id BETWEEN ${first} AND ${last}`),
  );
  const united: Partition = {
    source: `(${sources.join(' UNION ALL ')})`,
    isCut: true,
    firstId: Math.min(...cut.map(({ partition }) => partition.firstId)),
    lastId: Math.max(...cut.map(({ partition }) => partition.lastId)),
    events: cut.reduce((sum, { ranges }) => sum + rowsIn(ranges), 0),
    minTime: Math.min(...cut.map(({ partition }) => partition.minTime)),
    maxTime: Math.max(...cut.map(({ partition }) => partition.maxTime)),
  };
  return [...whole, united];
}

function rowsIn(ranges: readonly IdRange[]): number {
  return ranges.reduce((sum, { rows }) => sum + rows, 0);
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
