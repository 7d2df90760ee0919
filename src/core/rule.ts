import type { Operator, Rule, RuleSpec } from '../../schemas/rule.ts';
import { parseDuration } from './duration.ts';

/** The metric every heartbeat carries without being sent: seconds since a service's newest one. */
export const HEARTBEAT_AGE = 'heartbeat_age_seconds';

const DEFAULT_THRESHOLD_WINDOW_MS = 5 * 60_000;
/** A resolved incident stays resolved at least this long: a service that comes and goes pages once, not each time. */
const MIN_QUIET_MS = 15 * 60_000;
/** A rule without `resolve_after` waits as long as its window, and no longer than this. */
const MAX_DEFAULT_RESOLVE_MS = 5 * 60_000;
/** How long a rule without any window (a reported status) waits before its incident resolves. */
const MIN_DEFAULT_RESOLVE_MS = 60_000;

/** The times that govern an incident of a rule, in milliseconds. */
export interface Policy {
  /** How long the condition must hold before it counts. */
  readonly forMs: number;
  /** How long it must be clear before the incident resolves by itself. */
  readonly resolveAfterMs: number;
  /** How long after the last breach that was seen a resolved incident may not reopen. */
  readonly quietMs: number;
  /** The least time between two openings of one incident. */
  readonly cooldownMs: number;
}

/** The span of time a rule looks at, back from now; 0 when it looks only at the newest state, or learns how far. */
export function ruleWindowMs(rule: RuleSpec): number {
  switch (rule.type) {
    case 'threshold':
      return rule.condition.duration === undefined ? DEFAULT_THRESHOLD_WINDOW_MS : durationMs(rule.condition.duration);
    case 'rate_change':
    case 'anomaly':
    case 'security':
      return durationMs(rule.condition.duration);
    case 'log_count':
      return rule.condition.windowMinutes * 60_000;
    case 'heartbeat':
      return rule.condition.older_than === undefined ? 0 : durationMs(rule.condition.older_than);
    case 'absence':
      return rule.condition.duration === undefined ? 0 : durationMs(rule.condition.duration);
  }
}

export function rulePolicy(rule: RuleSpec): Policy {
  const windowMs = ruleWindowMs(rule);
  const resolveMs = Math.min(Math.max(windowMs, MIN_DEFAULT_RESOLVE_MS), MAX_DEFAULT_RESOLVE_MS);
  return {
    forMs: rule.for === undefined ? 0 : durationMs(rule.for),
    resolveAfterMs: rule.resolve_after === undefined ? resolveMs : durationMs(rule.resolve_after),
    quietMs: Math.max(2 * windowMs, MIN_QUIET_MS),
    cooldownMs: rule.type === 'log_count' ? rule.condition.cooldownMinutes * 60_000 : 0,
  };
}

/** The number a rule's value is held against, in the value's own unit; null where there is none, or it is learnt. */
export function ruleThreshold(rule: RuleSpec): number | null {
  switch (rule.type) {
    case 'heartbeat':
      return rule.condition.older_than === undefined ? null : durationMs(rule.condition.older_than) / 1000;
    case 'absence':
      return 1;
    default:
      return rule.condition.threshold;
  }
}

/** Whether a rule is a threshold on the age of heartbeats, a metric that nobody sends. */
export function readsHeartbeatAge(rule: RuleSpec): boolean {
  return rule.type === 'threshold' && rule.condition.metric === HEARTBEAT_AGE;
}

export function compare(value: number, operator: Operator, threshold: number): boolean {
  switch (operator) {
    case 'gt':
      return value > threshold;
    case 'gte':
      return value >= threshold;
    case 'lt':
      return value < threshold;
    case 'lte':
      return value <= threshold;
    case 'eq':
      return value === threshold;
  }
}

/** A rule without what the server added: what its owner wrote, and what a change is laid over. */
export function ruleSpec({ id: _id, lastTriggeredAt: _last, createdAt: _created, ...spec }: Rule): RuleSpec {
  return spec;
}

/** Milliseconds of a duration that its schema has already checked. */
function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error(`BUG: a rule was stored with the duration ${text}`);
  return ms;
}
