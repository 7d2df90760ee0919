import type { NotificationPayload, StormPayload } from '../../../../schemas/delivery.ts';
import { bulletinOf, clip } from '../bulletin.ts';
import type { ChannelKind, Notification } from '../channel-kind.ts';

/** The Events API v2 of the US region; that of the EU is at events.eu.pagerduty.com. */
const ENDPOINT = 'https://events.pagerduty.com/v2/enqueue';
/** Characters that PagerDuty takes of a summary. */
const MAX_SUMMARY = 1024;

const ACTIONS: Record<NotificationPayload['type'], 'trigger' | 'acknowledge' | 'resolve'> = {
  error_alert: 'trigger',
  error_alert_reopened: 'trigger',
  channel_test: 'trigger',
  alert_acknowledged: 'acknowledge',
  alert_resolved: 'resolve',
};

/** Events for PagerDuty. An incident of ours is one of theirs: its id is the key of all that is said of it. */
export const pagerduty: ChannelKind<'pagerduty'> = {
  tracksIncidents: true,
  render({ routing_key, target = ENDPOINT }, { payload }) {
    const event_action = payload.type === 'alert_storm' ? 'trigger' : ACTIONS[payload.type];
    const event = { routing_key, event_action, dedup_key: dedupKey(payload) };
    const body = event_action === 'trigger' ? { ...event, ...described(payload) } : event;
    return { via: 'http', message: { url: target, body: JSON.stringify(body) } };
  },
};

/** A storm is one incident, however many summaries it has on its day. */
function dedupKey(payload: Notification['payload']): string {
  return payload.type === 'alert_storm' ? `storm-${payload.from.slice(0, 10)}` : payload.incidentId;
}

function described(payload: NotificationPayload | StormPayload) {
  const { title, facts, lines, link } = bulletinOf(payload);
  const storm = payload.type === 'alert_storm';
  return {
    payload: {
      summary: clip(title, MAX_SUMMARY),
      source: storm ? 'lightwatch' : payload.service,
      severity: storm ? payload.severity : payload.rule.severity,
      timestamp: storm ? payload.from : payload.triggeredAt,
      ...(!storm && { class: payload.rule.type, ...(payload.group !== null && { group: payload.group }) }),
      custom_details: { ...Object.fromEntries(facts), lines },
    },
    client: 'Lightwatch',
    ...(link !== null && { client_url: link, links: [{ href: link, text: 'Open the incident' }] }),
  };
}
