import type {
  LogSample,
  NotificationPayload,
  NotificationType,
  StoredDelivery,
  Target,
} from '../../schemas/delivery.ts';
import type { Cause, IncidentEvent, Notice, StoredIncident } from '../../schemas/incident.ts';
import type { Rule } from '../../schemas/rule.ts';
import { formatDuration } from '../core/duration.ts';
import { stableId } from '../core/fingerprint.ts';
import { type Reading, withNotice } from '../core/incident.ts';
import { ruleThreshold, ruleWindowMs } from '../core/rule.ts';
import type { Page } from './route.ts';

const DEFAULT_SEVERITY = 'warning';

/** What of an incident's life is sent to people outside; all of it is told to live clients. */
const TYPES: Partial<Record<IncidentEvent | 'unmuted', NotificationType>> = {
  opened: 'error_alert',
  unmuted: 'error_alert',
  reopened: 'error_alert_reopened',
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
    labels: { ...reading.fields, service: reading.service, rule: id, name, type, severity },
  };
}

/** An incident after `event`, with the notification of it; as it is when nobody is to be notified. */
export function announce(
  incident: StoredIncident,
  event: IncidentEvent | 'unmuted',
  { samples = [], publicUrl }: { samples?: readonly LogSample[]; publicUrl: string | undefined },
): StoredIncident {
  const type = TYPES[event];
  const { targets } = incident.cause;
  const last = incident.history.at(-1);
  if (type === undefined || targets.length === 0 || last === undefined) return incident;
  const payload = payloadOf(incident, type, last.by, samples, publicUrl);
  return withNotice(incident, { sequence: incident.sequence, at: last.at, targets, payload });
}

function payloadOf(
  incident: StoredIncident,
  type: NotificationType,
  by: string,
  samples: readonly LogSample[],
  publicUrl: string | undefined,
): NotificationPayload {
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
    link: publicUrl === undefined ? null : `${publicUrl}/api/alerts/incidents/${incident.id}`,
  };
}

/**
 * The deliveries of a notice: one for each target. Their ids follow from the incident, the transition and the target, so
 * that whoever derives them again, after a crash or in a race, makes no second ones.
 */
export function deliveriesOf(incidentId: string, { sequence, at, targets, payload }: Notice): StoredDelivery[] {
  return targets.map(({ channel_id: channelId, url }) => ({
    id: deliveryId(incidentId, sequence, { channel_id: channelId, url }),
    incident_id: incidentId,
    channel_id: channelId,
    kind: payload.type,
    status: 'pending',
    attempts: 0,
    last_status: null,
    last_error: null,
    next_attempt_at: at,
    created_at: at,
    target: url,
    sequence,
    payload,
  }));
}

/** The id of the delivery that tells a target of one transition of an incident. */
export function deliveryId(incidentId: string, sequence: number, { channel_id: channelId, url }: Target): string {
  return stableId('delivery', incidentId, String(sequence), channelId ?? url);
}
