import type { FastifyRequest } from 'fastify';
import { Aggregate, AggregateQuery, LatestMetrics, MetricStatsList, SeriesQuery } from '../../schemas/analytics.ts';
import { StoredMetric } from '../../schemas/metric.ts';
import { DiscoveryQuery, ErrorTrend, ErrorTrendQuery, MetricQuery, Words } from '../../schemas/query.ts';
import type { Field } from '../core/filter.ts';
import type { Module, ModuleContext } from '../http/module.ts';
import { metricAggregate } from './aggregate.ts';
import { asked } from './asking.ts';
import { errorTrend } from './error-trend.ts';
import { listEvents, listReply, OneEvent, oneEvent } from './events.ts';
import { latestMetrics, metricStats } from './metric-lists.ts';
import { type Parameters, readFilter } from './parameters.ts';

const config = { scope: 'read' } as const;
const tags = ['query'];

export const metricRoutes: Module = async (app, context) => {
  app.get(
    '/api/metrics',
    {
      config,
      schema: { tags, summary: 'Metrics', querystring: MetricQuery, response: { 200: listReply(StoredMetric) } },
    },
    listEvents(context, 'metric'),
  );
  app.get(
    '/api/metrics/:id',
    { config, schema: { tags, summary: 'One metric', ...OneEvent, response: { 200: StoredMetric } } },
    oneEvent(context, 'metric'),
  );
  app.get(
    '/api/metrics/errors',
    {
      config,
      schema: {
        tags,
        summary: 'Logs of the levels error and fatal, in time',
        querystring: ErrorTrendQuery,
        response: { 200: ErrorTrend },
      },
    },
    errorTrend(context),
  );
  app.get(
    '/api/metrics/names',
    { config, schema: { tags, summary: 'Names of metrics', querystring: DiscoveryQuery, response: { 200: Words } } },
    wordsOf(context, 'name'),
  );
  app.get(
    '/api/metrics/sources',
    {
      config,
      schema: { tags, summary: 'Services that send metrics', querystring: DiscoveryQuery, response: { 200: Words } },
    },
    wordsOf(context, 'service'),
  );
  app.get(
    '/api/metrics/aggregate',
    {
      config,
      schema: {
        tags,
        summary: 'Statistics of a metric in time',
        querystring: AggregateQuery,
        response: { 200: Aggregate },
      },
    },
    metricAggregate(context),
  );
  app.get(
    '/api/metrics/latest',
    {
      config,
      schema: { tags, summary: 'The newest values', querystring: SeriesQuery, response: { 200: LatestMetrics } },
    },
    latestMetrics(context),
  );
  app.get(
    '/api/metrics/stats',
    {
      config,
      schema: { tags, summary: 'Statistics by name', querystring: SeriesQuery, response: { 200: MetricStatsList } },
    },
    metricStats(context),
  );
};

/** Every value that metrics have in a field, in alphabetical order. */
export function wordsOf({ store, clock }: ModuleContext, field: Field) {
  return async (request: FastifyRequest<{ Querystring: Parameters }>): Promise<{ data: string[] }> => {
    const where = readFilter('metric', request.query, clock.now());
    const question = { kind: 'metric', where, functions: ['count'], groupBy: [field] } as const;
    const { groups } = await asked(request, clock, (options) => store.aggregate(question, options));
    return { data: groups.flatMap(({ group }) => group[field] ?? []).sort() };
  };
}
