import type { FastifyRequest } from 'fastify';
import type { ErrorTrend, TrendRange } from '../../schemas/query.ts';
import { all, ERROR_LEVELS, equals, type Filter } from '../core/filter.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { ModuleContext } from '../http/module.ts';
import { asked } from './asking.ts';
import { bucketOf, bucketStarts } from './buckets.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Each range with the width of its buckets, as the event-logging system had them. */
const RANGES: Readonly<Record<TrendRange, { readonly lengthMs: number; readonly stepMs: number }>> = {
  '1h': { lengthMs: HOUR_MS, stepMs: MINUTE_MS },
  '24h': { lengthMs: DAY_MS, stepMs: 5 * MINUTE_MS },
  '7d': { lengthMs: 7 * DAY_MS, stepMs: HOUR_MS },
  '30d': { lengthMs: 30 * DAY_MS, stepMs: 6 * HOUR_MS },
  '3m': { lengthMs: 90 * DAY_MS, stepMs: DAY_MS },
  '6m': { lengthMs: 180 * DAY_MS, stepMs: DAY_MS },
  '1y': { lengthMs: 365 * DAY_MS, stepMs: 7 * DAY_MS },
};

interface Query {
  readonly service?: string;
  readonly range?: TrendRange;
}

/** Answers `GET /api/metrics/errors`: the newest bucket is the one that is still filling. */
export function errorTrend({ store, clock }: ModuleContext) {
  return async (request: FastifyRequest<{ Querystring: Query }>): Promise<ErrorTrend> => {
    const { query } = request;
    const { lengthMs, stepMs } = RANGES[query.range ?? '24h'];
    const to = clock.now();
    // Whole buckets only: a first one that was cut would look like a rise.
    const from = bucketOf(to - lengthMs, stepMs) + stepMs;
    const errors: Filter = { op: 'one_of', field: 'level', values: ERROR_LEVELS };
    const service = query.service === undefined ? [] : [equals('service', query.service)];
    const where = all({ op: 'time', from, to }, errors, ...service);
    const question = { kind: 'log', where, functions: ['count'], groupBy: [], stepMs } as const;
    const { groups } = await asked(request, clock, (options) => store.aggregate(question, options));
    const counts = new Map(groups[0]?.points.map(({ time, values }) => [time, values.count]));
    return bucketStarts(from, to, stepMs).map((time) => ({
      time: formatTimestamp(time),
      count: counts.get(time) ?? 0,
    }));
  };
}
