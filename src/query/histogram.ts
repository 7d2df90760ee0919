import type { FastifyRequest } from 'fastify';
import { HISTOGRAM_FIELDS, type Histogram } from '../../schemas/query.ts';
import { formatDuration } from '../core/duration.ts';
import { all, type Field } from '../core/filter.ts';
import type { TimeRange } from '../core/time-range.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { ModuleContext } from '../http/module.ts';
import { named } from '../http/parameters.ts';
import type { AggregateGroup } from '../store/store.ts';
import { asked } from './asking.ts';
import { bucketOf, bucketStarts } from './buckets.ts';
import { readField } from './fields.ts';
import { type Parameters, readFilter } from './parameters.ts';
import { bucketWidth, closedRange } from './ranges.ts';

/** Values of `by` that are counted apart: the most frequent. Others count in the total, or an answer had no bound. */
const MAX_GROUPS = 50;

/** Answers `GET /api/logs/histogram`. */
export function logHistogram({ store, clock }: ModuleContext) {
  return async (request: Pick<FastifyRequest<{ Querystring: Parameters }>, 'query' | 'raw'>): Promise<Histogram> => {
    const { interval, by = 'level', from: fromText, to: toText, ...choice } = request.query;
    const now = clock.now();
    const { from, to, stepMs, field } = named(() => {
      const range = closedRange(fromText, toText, now);
      return {
        ...range,
        stepMs: bucketWidth(interval, range, 'interval'),
        field: readField(by, HISTOGRAM_FIELDS, 'by'),
      };
    });
    const where = all({ op: 'time', from, to }, readFilter('log', choice, now));
    const question = { kind: 'log', where, functions: ['count'], groupBy: [field], stepMs } as const;
    const { groups } = await asked(request, clock, (options) => store.aggregate(question, options));
    return {
      interval: formatDuration(stepMs),
      from: formatTimestamp(from),
      to: formatTimestamp(to),
      data: fill(groups, field, { from, to }, stepMs),
    };
  };
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
