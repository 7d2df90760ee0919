import type { NotificationPayload, NotificationType, StormPayload } from '../../../schemas/delivery.ts';
import { ALL_SERVICES } from '../../core/fingerprint.ts';
import { inertLine } from '../../core/inert-text.ts';
import { parseTimestamp } from '../../core/timestamp.ts';

/** Services that the summary of a storm names; the rest is counted. */
const MAX_NAMED_SERVICES = 20;
/** Characters of a fact and of a line: more would push what matters out of sight. */
const MAX_FACT = 200;
const MAX_LINE = 400;

/** How much it matters, for channels that show that in colours. */
export type Tone = 'critical' | 'warning' | 'info' | 'good';

/**
 * A notification as people read it, before it is put into the words of a channel. All of it is plain text on one line:
 * control characters and what turns text around are shown as their codes.
 */
export interface Bulletin {
  readonly title: string;
  readonly tone: Tone;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Matching log lines, newest first, or what a storm consists of. */
  readonly lines: readonly string[];
  readonly chart: readonly number[];
  readonly link: string | null;
}

const HEADS: Record<NotificationPayload['type'], string> = {
  error_alert: 'Alert',
  error_alert_reopened: 'Alert again',
  alert_acknowledged: 'Acknowledged',
  alert_resolved: 'Resolved',
  channel_test: 'Test',
};

export function bulletinOf(payload: NotificationPayload | StormPayload): Bulletin {
  return payload.type === 'alert_storm' ? stormBulletin(payload) : incidentBulletin(payload);
}

function incidentBulletin(payload: NotificationPayload): Bulletin {
  const { type, service, group, rule, severity, value, threshold, window, triggeredAt, resolvedAt, by } = {
    ...payload,
    severity: payload.rule.severity,
  };
  const who = serviceName(service) + (group === null ? '' : ` (${group})`);
  const facts: [string, string][] = [
    ['Service', who],
    ['Rule', rule.name],
    ['Severity', severity],
    ['Value', `${numberText(value)}${threshold === null ? '' : ` (threshold ${numberText(threshold)})`}`],
    ['Window', window],
    ['Since', timeText(triggeredAt)],
  ];
  if (resolvedAt !== null) facts.push(['Resolved', `${timeText(resolvedAt)} by ${by}`]);
  if (type === 'alert_acknowledged') facts.push(['Acknowledged', `by ${by}`]);
  return {
    title: clip(inertLine(`${HEADS[type]} · ${who}: ${rule.name}`), MAX_FACT),
    tone: type === 'alert_resolved' ? 'good' : toneOf(severity),
    facts: facts.map(([name, text]) => [name, clip(inertLine(text), MAX_FACT)]),
    lines: payload.samples.map((sample) =>
      clip(inertLine(`${timeText(sample.timestamp)} ${sample.level} ${sample.service}: ${sample.message}`), MAX_LINE),
    ),
    chart: payload.chart.map(({ value: bar }) => bar),
    link: payload.link,
  };
}

function stormBulletin({ total, from, to, services, severity, link, ...counts }: StormPayload): Bulletin {
  const named = services.slice(0, MAX_NAMED_SERVICES);
  const rest = services.length - named.length;
  const kinds: [string, number][] = [
    ['Opened', counts.opened],
    ['Opened again', counts.reopened],
    ['Acknowledged', counts.acknowledged],
    ['Resolved', counts.resolved],
  ];
  return {
    title: `Storm · ${total} notifications of ${services.length} ${services.length === 1 ? 'service' : 'services'} in one`,
    tone: counts.opened + counts.reopened === 0 ? 'good' : toneOf(severity),
    facts: [
      ...kinds.filter(([, count]) => count > 0).map(([name, count]) => [name, String(count)] as const),
      ['From', timeText(from)],
      ['To', timeText(to)],
    ],
    lines: [
      ...named.map(({ service, count }) => clip(inertLine(`${count} × ${serviceName(service)}`), MAX_LINE)),
      ...(rest > 0 ? [`and ${rest} more services`] : []),
    ],
    chart: [],
    link,
  };
}

function toneOf(severity: string): Tone {
  return severity === 'critical' || severity === 'info' ? severity : 'warning';
}

function serviceName(service: string): string {
  return service === ALL_SERVICES ? 'all services' : service;
}

function numberText(value: number | null): string {
  return value === null ? 'no data' : String(Number(value.toPrecision(6)));
}

/** `2026-01-15 12:00:00 UTC` */
function timeText(timestamp: string): string {
  return `${new Date(parseTimestamp(timestamp)).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The beginning of a text, with a mark when something was cut; no half of a surrogate pair is left. */
export function clip(text: string, characters: number): string {
  if (text.length <= characters) return text;
  return `${text.slice(0, characters - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The same for text that `literal` makes longer: it is cut before, so that no mark of its own is cut in two. */
export function clipLiteral(text: string, characters: number, literal: (text: string) => string): string {
  for (let length = characters; ; length -= Math.max(1, literal(clip(text, length)).length - characters)) {
    const fitting = literal(clip(text, Math.max(length, 1)));
    if (fitting.length <= characters || length <= 1) return fitting;
  }
}

/** Which words the types of notifications have, for those who only count them. */
export function countTypes(types: readonly NotificationType[]) {
  const count = (wanted: NotificationType) => types.filter((type) => type === wanted).length;
  return {
    opened: count('error_alert'),
    reopened: count('error_alert_reopened'),
    acknowledged: count('alert_acknowledged'),
    resolved: count('alert_resolved'),
  };
}
