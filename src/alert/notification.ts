import type { IncidentPayload, NotificationType, StoredDelivery, Target } from '../../schemas/delivery.ts';
import type { Cause, IncidentEvent, Notice, StoredIncident } from '../../schemas/incident.ts';
import type { Rule } from '../../schemas/rule.ts';
import { formatDuration } from '../core/duration.ts';
import { stableId } from '../core/fingerprint.ts';
import { type Reading, withNotice } from '../core/incident.ts';
import { ruleThreshold, ruleWindowMs } from '../core/rule.ts';
import { formatTimestamp, parseTimestamp } from '../core/timestamp.ts';
import { type Evidence, NO_EVIDENCE } from './evidence.ts';
import { CHANNEL_KINDS } from './notify/channel-kinds.ts';
import { GIVE_UP_AFTER_MS } from './notify/retry.ts';
import type { Page } from './route.ts';

const DEFAULT_SEVERITY = 'warning';

/** What of an incident's life is sent to people outside; all of it is told to live clients. */
const TYPES: Partial<Record<IncidentEvent | 'unmuted', NotificationType>> = {
  opened: 'error_alert',
  unmuted: 'error_alert',
  reopened: 'error_alert_reopened',
  acknowledged: 'alert_acknowledged',
  resolved: 'alert_resolved',
};

/** What an incident keeps of the rule that opens it; nobody has been told of it yet. */
export function causeOf(rule: Rule): Cause {
  const { id, name, type, severity = DEFAULT_SEVERITY } = rule;
  return {
    rule: { id, name, type, severity },
    threshold: ruleThreshold(rule),
    window: formatDuration(ruleWindowMs(rule)),
    targets: [],
  };
}

/** What decides who hears of an opening. */
export function pageOf(rule: Rule, reading: Reading, again: boolean, at: number): Page {
  const { id, name, type, severity = DEFAULT_SEVERITY } = rule;
  return {
    kind: again ? 'error_alert_reopened' : 'error_alert',
    at,
    rule,
    labels: {
      ...reading.fields,
      ...(reading.group !== null && { group: reading.group }),
      service: reading.service,
      rule: id,
      name,
      type,
      severity,
    },
  };
}

/** An incident after `event`, with the notification of it; as it is when nobody is to be notified. */
export function announce(
  incident: StoredIncident,
  event: IncidentEvent | 'unmuted',
  { evidence = NO_EVIDENCE, publicUrl }: { evidence?: Evidence | undefined; publicUrl: string | undefined },
): StoredIncident {
  const type = TYPES[event];
  const last = incident.history.at(-1);
  if (type === undefined || last === undefined) return incident;
  const targets = incident.cause.targets.filter((target) => isTold(target, type));
  if (targets.length === 0) return incident;
  const payload = payloadOf(incident, type, last.by, evidence, publicUrl);
  return withNotice(incident, { sequence: incident.sequence, at: last.at, targets, payload });
}

/** That somebody has it is news to what keeps incidents of its own; people would only be disturbed by it. */
function isTold({ type: channel }: Target, type: NotificationType): boolean {
  return type !== 'alert_acknowledged' || CHANNEL_KINDS[channel].tracksIncidents === true;
}

function payloadOf(
  incident: StoredIncident,
  type: NotificationType,
  by: string,
  { samples, chart }: Evidence,
  publicUrl: string | undefined,
): IncidentPayload {
  const { service, group, status, errorCount, windowMinutes, triggeredAt, lastSeenErrorAt, resolvedAt, value } =
    incident;
  const { rule, threshold, window } = incident.cause;
  return {
    type,
    incidentId: incident.id,
    service,
    group,
    status,
    errorCount,
    windowMinutes,
    triggeredAt,
    lastSeenErrorAt,
    resolvedAt,
    rule,
    value,
    threshold,
    window,
    by,
    samples: [...samples],
    chart: [...chart],
    link: publicUrl === undefined ? null : `${publicUrl}/incidents/${incident.id}`,
  };
}

/**
 * The deliveries of a notice: one for each target. Their ids follow from the incident, the transition and the target, so
 * that whoever derives them again, after a crash or in a race, makes no second ones.
 */
export function deliveriesOf(incidentId: string, { sequence, at, targets, payload }: Notice): StoredDelivery[] {
  return targets.map((target) => ({
    id: deliveryId(incidentId, sequence, target),
    incident_id: incidentId,
    channel_id: target.channel_id,
    channel_type: target.type,
    kind: payload.type,
    status: 'pending',
    attempts: 0,
    last_status: null,
    last_error: null,
    next_attempt_at: at,
    summary_id: null,
    created_at: at,
    target: target.channel_id ?? target.url,
    sequence,
    expires_at: formatTimestamp(parseTimestamp(at) + GIVE_UP_AFTER_MS),
    payload,
  }));
}

/** The id of the delivery that tells a target of one transition of an incident. */
export function deliveryId(incidentId: string, sequence: number, target: Target): string {
  return stableId('delivery', incidentId, String(sequence), target.channel_id ?? target.url);
}
