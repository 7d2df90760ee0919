import type { FastifyRequest } from 'fastify';
import type { LatestMetric, MetricStats } from '../../schemas/analytics.ts';
import { all, type Field } from '../core/filter.ts';
import { compareText } from '../core/text-order.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { ModuleContext } from '../http/module.ts';
import { named, readPart } from '../http/parameters.ts';
import type { AggregateFn, AggregateGroup } from '../store/store.ts';
import { asked } from './asking.ts';
import { type Parameters, readFilter } from './parameters.ts';
import { closedRange } from './ranges.ts';

type Request = FastifyRequest<{ Querystring: Parameters }>;

/** Answers `GET /api/metrics/latest`: the newest value of each metric, service and host. */
export function latestMetrics(context: ModuleContext) {
  return (request: Request) =>
    listOf(context, request, ['name', 'service', 'host'], ['last', 'newest'], ({ group, points }): LatestMetric => {
      const { last = 0, newest = 0 } = points[0]?.values ?? {};
      const { name, service, host } = group;
      return {
        name: name ?? '',
        service: service ?? '',
        host: host ?? null,
        value: last,
        timestamp: formatTimestamp(newest),
      };
    });
}

const OF_STATS = ['count', 'avg', 'min', 'max', 'sum', 'last', 'newest'] as const;

/** Answers `GET /api/metrics/stats`: the statistics of each name. */
export function metricStats(context: ModuleContext) {
  return (request: Request) =>
    listOf(context, request, ['name'], OF_STATS, ({ group, points }): MetricStats => {
      const { count = 0, avg = 0, min = 0, max = 0, sum = 0, last = 0, newest = 0 } = points[0]?.values ?? {};
      return { name: group.name ?? '', count, avg, min, max, sum, last, last_seen: formatTimestamp(newest) };
    });
}

/** A part of the list of groups that metrics make, by their words. */
async function listOf<T>(
  { store, clock }: ModuleContext,
  request: Request,
  groupBy: readonly Field[],
  functions: readonly AggregateFn[],
  item: (group: AggregateGroup) => T,
) {
  const { page: pageText, limit: limitText, from, to, ...choice } = request.query;
  const { page, limit, offset } = readPart({ page: pageText, limit: limitText });
  const now = clock.now();
  const range = named(() => closedRange(from, to, now));
  const where = all({ op: 'time', ...range }, readFilter('metric', choice, now));
  const { groups } = await asked(request, clock, (options) =>
    store.aggregate({ kind: 'metric', where, functions, groupBy }, options),
  );
  const key = ({ group }: AggregateGroup) => groupBy.map((field) => group[field] ?? '').join('\u0000');
  const sorted = groups.toSorted((a, b) => compareText(key(a), key(b)));
  return { data: sorted.slice(offset, offset + limit).map(item), total: groups.length, page, limit };
}
