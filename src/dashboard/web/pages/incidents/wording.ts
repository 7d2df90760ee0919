import type { Incident, Rule } from '../../api/routes.ts';
import { measured, plural } from '../../lib/format.ts';
import { wholeDuration } from '../../lib/time.ts';

/** Which service and group an incident is of: `pay · host=h1`. */
export function placeOf({ service, group }: Pick<Incident, 'service' | 'group'>): string {
  const who = service === '*' ? 'all services' : service;
  return group === null || group === service ? who : `${who} · ${group}`;
}

/** What was last measured of it, as far as its rule is known: `12 matches in 5 min`, `p95 of http_request_ms: 914`. */
export function lastValueOf({ errorCount, value, windowMinutes }: Incident, rule: Rule | undefined): string {
  if (errorCount > 0) return `${plural(errorCount, 'match', 'matches')} in ${measured(windowMinutes)} min`;
  if (value === null) return 'no value';
  return readingOf(value, rule);
}

/** A value that a rule looked at, with what it is of. */
export function readingOf(value: number, rule: Rule | undefined): string {
  switch (rule?.type) {
    case 'heartbeat':
      return `heartbeat ${wholeDuration(value * 1000)} old`;
    case 'absence':
      return plural(value, 'event');
    case 'rate_change':
      return `${rule.condition.metric} changed by ${measured(value)} %`;
    case 'anomaly':
      return `${rule.condition.metric} is ${measured(value)} deviations off`;
    case 'threshold':
      return `${rule.condition.aggregate ?? 'last'} of ${rule.condition.metric}: ${measured(value)}`;
    default:
      return `value ${measured(value)}`;
  }
}

/** What a value is held against. */
export const limitOf = (threshold: number, rule: Rule | undefined): string =>
  rule?.type === 'heartbeat' ? wholeDuration(threshold * 1000) : measured(threshold);

const NOTIFICATIONS: ReadonlyMap<string, string> = new Map([
  ['error_alert', 'alert'],
  ['error_alert_reopened', 'alert again'],
  ['alert_acknowledged', 'acknowledged'],
  ['alert_resolved', 'resolved'],
  ['alert_storm', 'summary of a storm'],
]);

/** What a notification tells, in a word or two. */
export const notificationOf = (kind: string): string => NOTIFICATIONS.get(kind) ?? kind.replaceAll('_', ' ');
