import { ALL_SERVICES } from './fingerprint.ts';
import { isObject, type JsonObject } from './json-object.ts';

/** What a name may hold. */
const MAX_NAME = 200;

/** A name that says what a rule watches, for one that has none. The body has not been checked yet. */
export function madeName(body: JsonObject): string {
  const condition = isObject(body.condition) ? body.condition : {};
  const { service } = body;
  const who = typeof service === 'string' && service !== ALL_SERVICES ? service : 'all services';
  return `${who}: ${madeReason(body.type, condition)}`.slice(0, MAX_NAME);
}

function madeReason(type: unknown, condition: JsonObject): string {
  const { metric, operator, threshold, duration } = condition;
  switch (type) {
    case 'log_count':
      return `${threshold} ${words(condition.level, 'matching')} logs in ${condition.windowMinutes} min`;
    case 'threshold':
      return `${metric} ${operator} ${threshold}`;
    case 'rate_change':
      return `${metric} changes by ${operator} ${threshold}% in ${duration}`;
    case 'anomaly':
      return `${metric} is unusual`;
    case 'security':
      return `${threshold} ${words(condition.event_type, 'security')} events in ${duration}`;
    case 'absence':
      return `no ${metric ?? condition.kind ?? 'log'} for ${duration ?? 'longer than usual'}`;
    default:
      if (condition.older_than !== undefined) return `silent for ${condition.older_than}`;
      return condition.learn === true ? 'silent for longer than usual' : `reports ${condition.status}`;
  }
}

function words(some: unknown, none: string): string {
  return [some ?? none].flat().join(' or ');
}
