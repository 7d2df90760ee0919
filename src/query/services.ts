import { list } from '../../schemas/common.ts';
import { HEALTH_STATES, ServiceState } from '../../schemas/heartbeat.ts';
import { ServiceQuery } from '../../schemas/query.ts';
import { FilterError } from '../core/filter-error.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { Module } from '../http/module.ts';
import type { ServiceRecord } from '../store/store.ts';
import { named, readPart } from './parameters.ts';

/**
 * How long a host may be silent before its heartbeat is overdue: three of the 30 s that agents usually take. To know
 * each service's own rhythm, the store would keep the usual gap beside `lastSeen`, and it would be used here instead.
 */
export const OVERDUE_AFTER_MS = 90_000;

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
      const found = serviceStates(await store.services(), clock.now()).filter(
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

/**
 * Services in alphabetical order, each from the newest heartbeats of its hosts. Hosts that are overdue are left aside
 * while another one lives: replicas come and go. A service is as well as the worst of its living hosts.
 */
export function serviceStates(records: readonly ServiceRecord[], now: number): ServiceState[] {
  const byService = new Map<string, ServiceRecord[]>();
  for (const record of records) {
    const hosts = byService.get(record.service);
    if (hosts === undefined) byService.set(record.service, [record]);
    else hosts.push(record);
  }
  return [...byService].sort(([a], [b]) => (a < b ? -1 : 1)).map(([service, hosts]) => stateOf(service, hosts, now));
}

function stateOf(service: string, records: readonly ServiceRecord[], now: number): ServiceState {
  const living = records.filter(({ lastSeen }) => now - lastSeen <= OVERDUE_AFTER_MS);
  const shown = living.length > 0 ? living : records;
  const lastSeen = Math.max(...shown.map((record) => record.lastSeen));
  return {
    service,
    status: HEALTH_STATES.findLast((state) => living.some(({ status }) => status === state)) ?? 'stale',
    last_seen: formatTimestamp(lastSeen),
    age_seconds: Math.max(0, now - lastSeen) / 1000,
    versions: distinct(shown.map(({ version }) => version)),
    hosts: distinct(shown.map(({ host }) => host)),
  };
}

function distinct(words: readonly (string | null)[]): string[] {
  return [...new Set(words)].filter((word) => word !== null).sort();
}
