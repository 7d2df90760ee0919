import { StoredMetric } from '../../schemas/metric.ts';
import { DiscoveryQuery, ErrorTrend, ErrorTrendQuery, MetricQuery, Words } from '../../schemas/query.ts';
import type { Field } from '../core/filter.ts';
import type { Module, ModuleContext } from '../http/module.ts';
import { errorTrend } from './error-trend.ts';
import { listEvents, listReply, OneEvent, oneEvent } from './events.ts';
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
};

/** Every value that metrics have in a field, in alphabetical order. */
function wordsOf({ store, clock }: ModuleContext, field: Field) {
  return async ({ query }: { query: Parameters }): Promise<{ data: string[] }> => {
    const where = readFilter('metric', query, clock.now());
    const { groups } = await store.aggregate({ kind: 'metric', where, functions: ['count'], groupBy: [field] });
    return { data: groups.flatMap(({ group }) => group[field] ?? []).sort() };
  };
}
