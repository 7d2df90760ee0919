import { list } from '../../schemas/common.ts';
import { HEALTH_STATES, ServiceState } from '../../schemas/heartbeat.ts';
import { ServiceQuery } from '../../schemas/query.ts';
import { FilterError } from '../core/filter-error.ts';
import { heartbeatsByService, isOverdue, type ServiceHeartbeats } from '../core/service-heartbeats.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { Module } from '../http/module.ts';
import { named, readPart } from '../http/parameters.ts';
import type { ServiceRecord } from '../store/store.ts';

const STATUSES = [...HEALTH_STATES, 'stale'] as const;

export const serviceRoutes: Module = async (app, { store, clock }) => {
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
};

function readStatuses(text: string): readonly string[] {
  const wanted = text.split(',');
  const known: readonly string[] = STATUSES;
  if (!wanted.every((status) => known.includes(status))) {
    throw new FilterError('status', `must be one of ${STATUSES.join(', ')}`);
  }
  return wanted;
}

/** A service is as well as the worst of the hosts that speak for it. */
function stateOf({ service, lastSeen, hosts }: ServiceHeartbeats<ServiceRecord>, now: number): ServiceState {
  const worst = HEALTH_STATES.findLast((state) => hosts.some(({ status }) => status === state));
  if (worst === undefined) throw new Error(`BUG: nobody speaks for the service ${service}`);
  return {
    service,
    status: isOverdue({ lastSeen }, now) ? 'stale' : worst,
    last_seen: formatTimestamp(lastSeen),
    age_seconds: Math.max(0, now - lastSeen) / 1000,
    versions: distinct(hosts.map(({ version }) => version)),
    hosts: distinct(hosts.map(({ host }) => host)),
  };
}

function distinct(words: readonly (string | null)[]): string[] {
  return [...new Set(words)].filter((word) => word !== null).sort();
}
