import { LIMITS } from '../../schemas/limits.ts';
import { HISTOGRAM_FIELDS, type Histogram } from '../../schemas/query.ts';
import { formatDuration, parseDuration } from '../core/duration.ts';
import { all, type Field } from '../core/filter.ts';
import { FilterError } from '../core/filter-error.ts';
import { type TimeRange, timeRange } from '../core/time-range.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { ModuleContext } from '../http/module.ts';
import { named } from '../http/parameters.ts';
import type { AggregateGroup } from '../store/store.ts';
import { bucketCount, bucketOf, bucketStarts } from './buckets.ts';
import { type Parameters, readFilter } from './parameters.ts';

/** The range when none is asked for: the last day. */
const DEFAULT_RANGE_MS = 86_400_000;

/** Widths to choose from, so that a chart has between about 30 and 100 buckets. */
const WIDTHS = ['1s', '5s', '10s', '30s', '1m', '5m', '10m', '30m', '1h', '3h', '6h', '12h', '1d', '7d', '30d'];
const AIM_BUCKETS = 100;

/** Buckets of one answer: more than a screen has columns to draw, and few enough to fill with zeros. */
const MAX_BUCKETS = 2000;

/** Values of `by` that are counted apart: the most frequent. Others count in the total, or an answer had no bound. */
const MAX_GROUPS = 50;

/** Answers `GET /api/logs/histogram`. */
export function logHistogram({ store, clock }: ModuleContext) {
  return async ({ query }: { query: Parameters }): Promise<Histogram> => {
    const { interval, by = 'level', from: fromText, to: toText, ...choice } = query;
    const now = clock.now();
    const { from, to, stepMs, field } = named(() => {
      const range = closedRange(fromText, toText, now);
      return { ...range, stepMs: readInterval(interval, range), field: readField(by) };
    });
    const where = all({ op: 'time', from, to }, readFilter('log', choice, now));
    const { groups } = await store.aggregate({ kind: 'log', where, functions: ['count'], groupBy: [field], stepMs });
    return {
      interval: formatDuration(stepMs),
      from: formatTimestamp(from),
      to: formatTimestamp(to),
      data: fill(groups, field, { from, to }, stepMs),
    };
  };
}

function closedRange(fromText: string | undefined, toText: string | undefined, now: number): Required<TimeRange> {
  const { to = now, from = to - DEFAULT_RANGE_MS } = timeRange(fromText, toText, now);
  if (from > to) throw new FilterError('from', 'must not be in the future when there is no to');
  return { from, to };
}

function readInterval(text: string | undefined, { from, to }: Required<TimeRange>): number {
  if (text === undefined) return widthFor(to - from);
  const stepMs = parseDuration(text);
  if (stepMs === undefined) throw new FilterError('interval', 'must be a duration such as 10s, 1m or 1h');
  const buckets = bucketCount(from, to, stepMs);
  if (buckets <= MAX_BUCKETS) return stepMs;
  const enough = formatDuration(widthFor(to - from));
  throw new FilterError(
    'interval',
    `would make ${buckets} buckets of this range, and at most ${MAX_BUCKETS} are answered: ask for ${enough}, or bring from and to nearer together`,
  );
}

/** The narrowest width that keeps a range within what a chart can show; beyond the list, whole multiples of its last. */
function widthFor(rangeMs: number): number {
  const widths = WIDTHS.map((width) => parseDuration(width) ?? 0);
  const widest = widths.at(-1) ?? 0;
  return widths.find((width) => rangeMs <= width * AIM_BUCKETS) ?? Math.ceil(rangeMs / AIM_BUCKETS / widest) * widest;
}

function readField(by: string): Field {
  if (by.startsWith('tags.') && by.length <= 'tags.'.length + LIMITS.tagKey) return `tags.${by.slice('tags.'.length)}`;
  const field = HISTOGRAM_FIELDS.find((name) => name === by);
  if (field === undefined) throw new FilterError('by', `must be ${HISTOGRAM_FIELDS.join(', ')} or tags.<key>`);
  return field;
}

function fill(
  groups: readonly AggregateGroup[],
  field: Field,
  { from, to }: Required<TimeRange>,
  stepMs: number,
): Histogram['data'] {
  const buckets = bucketStarts(from, to, stepMs).map((time) => ({
    time: formatTimestamp(time),
    total: 0,
    // Without a prototype: a tag may well be called __proto__.
    counts: Object.create(null) as Record<string, number>,
  }));
  const shown = new Set(groups.length <= MAX_GROUPS ? groups : mostFrequent(groups));
  const first = bucketOf(from, stepMs);
  for (const group of groups) {
    const value = group.group[field];
    for (const { time, values } of group.points) {
      const bucket = buckets[(time - first) / stepMs];
      const { count } = values;
      if (bucket === undefined || count === undefined) throw new Error(`BUG: the store answered a bucket at ${time}`);
      bucket.total += count;
      if (typeof value === 'string' && shown.has(group)) bucket.counts[value] = count;
    }
  }
  return buckets;
}

function mostFrequent(groups: readonly AggregateGroup[]): readonly AggregateGroup[] {
  const sum = ({ points }: AggregateGroup) => points.reduce((total, { values }) => total + (values.count ?? 0), 0);
  return groups.toSorted((a, b) => sum(b) - sum(a)).slice(0, MAX_GROUPS);
}
