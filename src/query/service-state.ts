import { HEALTH_STATES, type ServiceState } from '../../schemas/heartbeat.ts';
import { isOverdue, type ServiceHeartbeats } from '../core/service-heartbeats.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { ServiceRecord } from '../store/store.ts';

/** A service is as well as the worst of the hosts that speak for it. */
export function stateOf({ service, lastSeen, hosts }: ServiceHeartbeats<ServiceRecord>, now: number): ServiceState {
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
