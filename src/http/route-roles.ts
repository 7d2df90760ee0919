import type { Role } from '../config.ts';

/** Beginnings of paths and the role whose replicas serve them; the first that fits holds. A method narrows it down. */
export const ROLE_ROUTES: readonly (readonly [role: Role, path: string, method?: 'GET' | 'POST'])[] = [
  ['ingest', '/ingest'],
  ['ingest', '/api/logs', 'POST'],
  ['ingest', '/api/rejected'],
  ['ingest', '/v1'],
  ['ingest', '/loki'],
  ['ingest', '/elastic'],
  ['ingest', '/_bulk'],
  ['ingest', '/api/v1/write'],
  ['ingest', '/api/v1/events', 'POST'],
  ['ingest', '/api/v1/metrics', 'POST'],
  ['realtime', '/ws'],
  ['realtime', '/api/logs/tail'],
  ['alert', '/api/alerts'],
  ['alert', '/api/v1/alerts'],
  ['query', '/api/logs'],
  ['query', '/api/metrics'],
  ['query', '/api/security'],
  ['query', '/api/spans'],
  ['query', '/api/traces'],
  ['query', '/api/services'],
  ['query', '/api/searches'],
  ['query', '/api/dashboards'],
  ['query', '/api/v1'],
];

/** The role that serves a request, as far as its path tells. */
export function roleServing(method: string, path: string): Role | undefined {
  const found = ROLE_ROUTES.find(
    ([, start, only]) => (path === start || path.startsWith(`${start}/`)) && (only === undefined || only === method),
  );
  return found?.[0];
}
