import { SecurityQuery } from '../../schemas/query.ts';
import { StoredSecurity } from '../../schemas/security.ts';
import type { Module } from '../http/module.ts';
import { listEvents, listReply, OneEvent, oneEvent } from './events.ts';

const config = { scope: 'read' } as const;
const tags = ['query'];

export const securityRoutes: Module = async (app, context) => {
  app.get(
    '/api/security',
    {
      config,
      schema: {
        tags,
        summary: 'Security events',
        querystring: SecurityQuery,
        response: { 200: listReply(StoredSecurity) },
      },
    },
    listEvents(context, 'security'),
  );
  app.get(
    '/api/security/:id',
    { config, schema: { tags, summary: 'One security event', ...OneEvent, response: { 200: StoredSecurity } } },
    oneEvent(context, 'security'),
  );
};
