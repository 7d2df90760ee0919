import { Type } from '@sinclair/typebox';
import { Aggregate, AggregateQuery, LatestMetrics, MetricStatsList, SeriesQuery } from '../../../schemas/analytics.ts';
import { StoredLog } from '../../../schemas/log.ts';
import { StoredMetric } from '../../../schemas/metric.ts';
import { closedQuery, DiscoveryQuery, Histogram, LogQuery, MetricQuery, Words } from '../../../schemas/query.ts';
import {
  DashboardOverview,
  EventStats,
  Heatmap,
  RangeQuery,
  Realtime,
  TimeseriesQuery,
  TopList,
  TopParams,
  TopQuery,
} from '../../../schemas/v1.ts';
import type { Module } from '../../http/module.ts';
import { metricAggregate } from '../aggregate.ts';
import { listEvents, listReply, OneEvent, oneEvent, removeEvent } from '../events.ts';
import { logHistogram } from '../histogram.ts';
import { latestMetrics, metricStats } from '../metric-lists.ts';
import { wordsOf } from '../metrics.ts';
import { dashboardOverview, eventStats, heatmap, realtime } from './overview.ts';
import { topList } from './top.ts';
import { registerWidgets } from './widgets.ts';

const config = { scope: 'read' } as const;
const admin = { scope: 'admin' } as const;
const tags = ['query'];
const described = <T extends object>(summary: string, rest: T) => ({ tags, summary, ...rest });

/** The reading side of the API server's dialect: its names for questions that are answered elsewhere too. */
export const v1Routes: Module = async (app, context) => {
  const events = described('Events: logs', { querystring: LogQuery, response: { 200: listReply(StoredLog) } });
  app.get('/api/v1/events', { config, schema: events }, listEvents(context, 'log'));
  const event = described('One event', { ...OneEvent, response: { 200: StoredLog } });
  app.get('/api/v1/events/:id', { config, schema: event }, oneEvent(context, 'log'));
  const removed = described('Deletes one event', { ...OneEvent, response: { 204: Type.Null() } });
  app.delete('/api/v1/events/:id', { config: admin, schema: removed }, removeEvent(context, 'log'));
  const stats = described('Counts of events', { querystring: RangeQuery, response: { 200: EventStats } });
  app.get('/api/v1/events/stats', { config, schema: stats }, eventStats(context));

  const metrics = described('Metrics', { querystring: MetricQuery, response: { 200: listReply(StoredMetric) } });
  app.get('/api/v1/metrics', { config, schema: metrics }, listEvents(context, 'metric'));
  const aggregate = described('Statistics of a metric in time', {
    querystring: AggregateQuery,
    response: { 200: Aggregate },
  });
  app.get('/api/v1/metrics/aggregate', { config, schema: aggregate }, metricAggregate(context));
  const latest = described('The newest values', { querystring: SeriesQuery, response: { 200: LatestMetrics } });
  app.get('/api/v1/metrics/latest', { config, schema: latest }, latestMetrics(context));
  const byName = described('Statistics by name', { querystring: SeriesQuery, response: { 200: MetricStatsList } });
  app.get('/api/v1/metrics/stats', { config, schema: byName }, metricStats(context));
  const gone = described('Deletes one metric', { ...OneEvent, response: { 204: Type.Null() } });
  app.delete('/api/v1/metrics/:id', { config: admin, schema: gone }, removeEvent(context, 'metric'));
  const words = (summary: string) => described(summary, { querystring: DiscoveryQuery, response: { 200: Words } });
  app.get('/api/v1/metrics/names', { config, schema: words('Names of metrics') }, wordsOf(context, 'name'));
  app.get('/api/v1/metrics/sources', { config, schema: words('Who sends metrics') }, wordsOf(context, 'service'));

  const overview = described('Everything at a glance', {
    querystring: RangeQuery,
    response: { 200: DashboardOverview },
  });
  app.get('/api/v1/dashboard/overview', { config, schema: overview }, dashboardOverview(context));
  const top = described('What there is most of', {
    params: TopParams,
    querystring: TopQuery,
    response: { 200: TopList },
  });
  app.get('/api/v1/dashboard/top/:type', { config, schema: top }, topList(context));
  const week = described('Logs by hour of the week', { querystring: RangeQuery, response: { 200: Heatmap } });
  app.get('/api/v1/dashboard/heatmap', { config, schema: week }, heatmap(context));
  const now = described('The last minute', { querystring: closedQuery({}), response: { 200: Realtime } });
  app.get('/api/v1/dashboard/realtime', { config, schema: now }, realtime(context));

  const histogram = logHistogram(context);
  const statistics = metricAggregate(context);
  const series = described('Logs, or a metric, in time', {
    querystring: TimeseriesQuery,
    response: { 200: Type.Union([Histogram, Aggregate]) },
  });
  app.get('/api/v1/dashboard/timeseries', { config, schema: series }, (request) => {
    const { metric, fn, interval, ...range } = request.query;
    if (metric === undefined) return histogram({ query: { ...range, interval, fn }, raw: request.raw });
    return statistics({ query: { ...range, name: metric, fn, step: interval }, raw: request.raw });
  });
  registerWidgets(app, context);
};
