import { Type } from '@sinclair/typebox';
import { OverviewQuery, ServiceOverview } from '../../schemas/analytics.ts';
import { list, Service } from '../../schemas/common.ts';
import { HEALTH_STATES, ServiceState } from '../../schemas/heartbeat.ts';
import { ServiceQuery } from '../../schemas/query.ts';
import { FilterError } from '../core/filter-error.ts';
import { heartbeatsByService } from '../core/service-heartbeats.ts';
import type { Module } from '../http/module.ts';
import { named, readPart } from '../http/parameters.ts';
import { serviceOverview } from './service-overview.ts';
import { stateOf } from './service-state.ts';

const STATUSES = [...HEALTH_STATES, 'stale'] as const;

export const serviceRoutes: Module = async (app, context) => {
  const { store, clock } = context;
  app.get(
    '/api/services',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['query'],
        summary: 'Services by their heartbeats',
        querystring: ServiceQuery,
        response: { 200: list(ServiceState) },
      },
    },
    async ({ query }) => {
      const { page, limit, offset } = readPart(query);
      const statuses = query.status === undefined ? STATUSES : named(() => readStatuses(query.status ?? ''));
      const now = clock.now();
      const found = heartbeatsByService(await store.services())
        .map((service) => stateOf(service, now))
        .filter(
          ({ service, hosts, status }) =>
            statuses.includes(status) &&
            (query.service === undefined || service === query.service) &&
            (query.host === undefined || hosts.includes(query.host)),
        );
      return { data: found.slice(offset, offset + limit), total: found.length, page, limit };
    },
  );
  app.get(
    '/api/services/:service',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['query'],
        summary: 'How one service is, and what it did',
        params: Type.Object({ service: Service }),
        querystring: OverviewQuery,
        response: { 200: ServiceOverview },
      },
    },
    serviceOverview(context),
  );
};

function readStatuses(text: string): readonly string[] {
  const wanted = text.split(',');
  const known: readonly string[] = STATUSES;
  if (!wanted.every((status) => known.includes(status))) {
    throw new FilterError('status', `must be one of ${STATUSES.join(', ')}`);
  }
  return wanted;
}
