import { Type } from '@sinclair/typebox';
import {
  ContextQuery,
  Facets,
  FacetsQuery,
  LogContext,
  Patterns,
  PatternsQuery,
  Trace,
} from '../../schemas/analytics.ts';
import { Id } from '../../schemas/common.ts';
import { FoundLog, StoredLog } from '../../schemas/log.ts';
import { closedQuery, Histogram, HistogramQuery, LogQuery } from '../../schemas/query.ts';
import { TraceList, TracesQuery } from '../../schemas/trace.ts';
import type { Module } from '../http/module.ts';
import { logContext } from './context.ts';
import { listEvents, listReply, OneEvent, oneEvent } from './events.ts';
import { logFacets } from './facets.ts';
import { logHistogram } from './histogram.ts';
import { logPatterns } from './patterns.ts';
import { traceTimeline } from './trace.ts';
import { traceList } from './traces.ts';

const config = { scope: 'read' } as const;
const tags = ['query'];

export const logRoutes: Module = async (app, context) => {
  app.get(
    '/api/logs',
    { config, schema: { tags, summary: 'Logs', querystring: LogQuery, response: { 200: listReply(FoundLog) } } },
    listEvents(context, 'log'),
  );
  app.get(
    '/api/logs/:id',
    { config, schema: { tags, summary: 'One log', ...OneEvent, response: { 200: StoredLog } } },
    oneEvent(context, 'log'),
  );
  app.get(
    '/api/logs/histogram',
    {
      config,
      schema: { tags, summary: 'Counts of logs in time', querystring: HistogramQuery, response: { 200: Histogram } },
    },
    logHistogram(context),
  );
  app.get(
    '/api/logs/facets',
    {
      config,
      schema: {
        tags,
        summary: 'The most frequent values of fields',
        querystring: FacetsQuery,
        response: { 200: Facets },
      },
    },
    logFacets(context),
  );
  app.get(
    '/api/logs/patterns',
    {
      config,
      schema: {
        tags,
        summary: 'What messages have in common',
        querystring: PatternsQuery,
        response: { 200: Patterns },
      },
    },
    logPatterns(context),
  );
  app.get(
    '/api/logs/:id/context',
    {
      config,
      schema: {
        tags,
        summary: 'A log among its neighbours',
        params: OneEvent.params,
        querystring: ContextQuery,
        response: { 200: LogContext },
      },
    },
    logContext(context),
  );
  app.get(
    '/api/traces',
    {
      config,
      schema: {
        tags,
        summary: 'The newest or the slowest traces, by their spans',
        querystring: TracesQuery,
        response: { 200: TraceList },
      },
    },
    traceList(context),
  );
  app.get(
    '/api/traces/:trace_id',
    {
      config,
      schema: {
        tags,
        summary: 'Everything of one trace, in the order of time',
        params: Type.Object({ trace_id: Id }),
        querystring: closedQuery({}),
        response: { 200: Type.Unsafe<unknown>(Trace) },
      },
    },
    traceTimeline(context),
  );
};
