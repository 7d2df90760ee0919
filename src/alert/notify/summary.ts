import type { IncidentPayload, StoredDelivery, StormPayload } from '../../../schemas/delivery.ts';
import { formatTimestamp } from '../../core/timestamp.ts';
import { countTypes } from './bulletin.ts';
import type { Group } from './storms.ts';

/** From the least to the worst. */
const SEVERITIES: readonly string[] = ['info', 'warning', 'critical'];

/** A delivery that tells many at once. `members` are of one target; it is no news any more when the first of them is none. */
export function summaryDelivery(
  { id, target }: Group,
  members: readonly StoredDelivery[],
  now: number,
  publicUrl: string | undefined,
): StoredDelivery {
  const [first] = members;
  if (first === undefined) throw new Error('BUG: a summary of nothing');
  const at = formatTimestamp(now);
  const expiries = members.map(({ expires_at }) => expires_at).sort();
  return {
    id,
    incident_id: null,
    channel_id: first.channel_id,
    channel_type: first.channel_type,
    kind: 'alert_storm',
    status: 'pending',
    attempts: 0,
    last_status: null,
    last_error: null,
    next_attempt_at: at,
    summary_id: null,
    created_at: at,
    target,
    sequence: 0,
    expires_at: expiries[0] ?? at,
    payload: stormPayload(members, publicUrl),
  };
}

function stormPayload(members: readonly StoredDelivery[], publicUrl: string | undefined): StormPayload {
  const told = members.flatMap(({ id, payload }) => (payload.type === 'alert_storm' ? [] : { id, payload }));
  const times = members.map(({ created_at }) => created_at).sort();
  const worst = Math.max(...told.map(({ payload }) => SEVERITIES.indexOf(payload.rule.severity)));
  return {
    type: 'alert_storm',
    from: times[0] ?? '',
    to: times.at(-1) ?? '',
    total: told.length,
    ...countTypes(told.map(({ payload }) => payload.type)),
    severity: SEVERITIES[worst] ?? 'warning',
    services: countServices(told.map(({ payload }) => payload)),
    notifications: told.map(({ id, payload }) => ({
      id,
      type: payload.type,
      incidentId: payload.incidentId,
      service: payload.service,
      group: payload.group,
      rule: payload.rule.name,
      value: payload.value,
      threshold: payload.threshold,
    })),
    link: publicUrl === undefined ? null : `${publicUrl}/incidents?status=open`,
  };
}

/** Most first. */
function countServices(payloads: readonly IncidentPayload[]) {
  const counts = new Map<string, number>();
  for (const { service } of payloads) counts.set(service, (counts.get(service) ?? 0) + 1);
  return Array.from(counts, ([service, count]) => ({ service, count })).sort((a, b) => b.count - a.count);
}

/** Whether a summary tells of a delivery. */
export function tellsOf({ payload }: StoredDelivery, id: string): boolean {
  return payload.type === 'alert_storm' && payload.notifications.some((told) => told.id === id);
}

/** A delivery after the summary that told of it was settled: it went as that went. */
export function settledWith(member: StoredDelivery, summary: StoredDelivery): StoredDelivery {
  const { status, attempts, last_status, last_error } = summary;
  return { ...member, status, attempts, last_status, last_error, next_attempt_at: null };
}
