import { StoredLog } from '../../schemas/log.ts';
import { Histogram, HistogramQuery, LogQuery } from '../../schemas/query.ts';
import type { Module } from '../http/module.ts';
import { listEvents, listReply, OneEvent, oneEvent } from './events.ts';
import { logHistogram } from './histogram.ts';

const config = { scope: 'read' } as const;
const tags = ['query'];

export const logRoutes: Module = async (app, context) => {
  app.get(
    '/api/logs',
    { config, schema: { tags, summary: 'Logs', querystring: LogQuery, response: { 200: listReply(StoredLog) } } },
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
};
