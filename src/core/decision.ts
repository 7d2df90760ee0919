import type { DecisionOutcome } from '../../schemas/decision.ts';
import type { StoredIncident } from '../../schemas/incident.ts';
import type { RuleSpec } from '../../schemas/rule.ts';
import { formatDuration } from './duration.ts';
import type { Outcome, Reading } from './incident.ts';
import { type Policy, readsHeartbeatAge, rulePolicy, ruleThreshold, ruleWindowMs } from './rule.ts';
import { significant } from './significant.ts';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';

/** Who was to be told of an opening: what a route says of it. */
export interface Telling {
  readonly outcome: 'paged' | 'silenced' | 'storm';
  readonly targets: number;
  /** Why nobody is told, or not at once. */
  readonly reason?: string;
}

/** One evaluation of a rule for a service and group, and what came of it. */
export interface Decided {
  readonly rule: RuleSpec;
  readonly reading: Reading;
  readonly outcome: Outcome;
  readonly now: number;
  /** As it was before. */
  readonly incident?: StoredIncident | undefined;
  /** Since when the condition holds, while it waits. */
  readonly breachedSince?: number | undefined;
  readonly telling?: Telling | undefined;
}

const SIGNS = { gt: '>', gte: '≥', lt: '<', lte: '≤', eq: '=' } as const;

/** An outcome in the words of the contract. */
export function decisionOutcome({ outcome, reading, telling }: Decided): DecisionOutcome {
  if (telling !== undefined && telling.outcome !== 'paged') return telling.outcome;
  switch (outcome) {
    case 'opened':
      return 'paged';
    case 'updated':
      return telling === undefined ? 'updated' : 'paged';
    case 'reopened':
    case 'quiet_period':
    case 'cooldown':
    case 'no_data':
      return outcome;
    case 'waiting':
      return 'not_breached';
    case 'clearing':
    case 'resolved':
    case 'not_breached':
      return reading.value === null ? 'no_data' : 'not_breached';
  }
}

/** What was found and what followed, in a sentence or two for somebody who was woken up, or was not. */
export function decisionReason(decided: Decided): string {
  const consequence = consequenceOf(decided);
  return `${findingOf(decided.rule, decided.reading)}.${consequence === undefined ? '' : ` ${consequence}.`}`;
}

/** The number a reading was held against. */
export function heldAgainst(rule: RuleSpec, reading: Reading): number | null {
  return reading.threshold ?? ruleThreshold(rule);
}

/** What an evaluation found, beside what it is held against. */
export function findingOf(rule: RuleSpec, reading: Reading): string {
  const { value, note } = reading;
  const window = formatDuration(ruleWindowMs(rule));
  if (value === null) return note === undefined ? `No data in ${window}` : `No value to judge by: ${note}`;
  const shown = significant(value);
  const also = note === undefined ? '' : ` (${note})`;
  switch (rule.type) {
    case 'threshold': {
      const { metric, aggregate = 'last' } = rule.condition;
      if (readsHeartbeatAge(rule)) return `The newest heartbeat is ${shown} s old; the limit is ${limitOf(rule)}`;
      return `${metric} is ${shown} (${aggregate} of ${window}); the limit is ${limitOf(rule)}`;
    }
    case 'rate_change':
      return `${rule.condition.metric} changed by ${shown}% in ${window}${also}; the limit is ${limitOf(rule)}%`;
    case 'anomaly': {
      const { metric, method, threshold } = rule.condition;
      const spread = method === 'iqr' ? 'interquartile ranges' : 'standard deviations';
      return `${metric} is ${shown} ${spread} from usual${also}; the limit is ${significant(threshold)}`;
    }
    case 'log_count':
      return `${counted(value, 'matching log')} in ${window}; the limit is ${rule.condition.threshold}`;
    case 'security':
      return `${counted(value, 'matching security event')} in ${window}; the limit is ${rule.condition.threshold}`;
    case 'heartbeat': {
      const limit = heldAgainst(rule, reading);
      return `The newest heartbeat is ${shown} s old${limit === null ? '' : `; the limit is ${significant(limit)} s`}${also}`;
    }
    case 'absence': {
      const kind = rule.condition.kind ?? (rule.condition.metric === undefined ? 'log' : 'metric');
      const found = value === 0 ? `No matching ${kind} came` : counted(value, `matching ${kind}`);
      return `${found}${rule.condition.learn === true ? '' : ` in ${window}`}${also}`;
    }
  }
}

function limitOf({ condition }: Extract<RuleSpec, { type: 'threshold' | 'rate_change' }>): string {
  return `${SIGNS[condition.operator]} ${significant(condition.threshold)}`;
}

function counted(count: number, what: string): string {
  return `${significant(count)} ${what}${count === 1 ? '' : 's'}`;
}

function consequenceOf(decided: Decided): string | undefined {
  const { rule, outcome, incident, now, telling } = decided;
  const policy = rulePolicy(rule);
  if (telling !== undefined) return toldOf(outcome, telling);
  switch (outcome) {
    case 'updated':
      return incident?.status === 'acknowledged'
        ? 'The incident is acknowledged: nobody is told again'
        : `The incident is open since ${incident?.triggeredAt}: nobody is told again`;
    case 'waiting': {
      const heldMs = now - (decided.breachedSince ?? now);
      return `That has held for ${formatDuration(heldMs)} and must for ${formatDuration(policy.forMs)} before it counts`;
    }
    case 'quiet_period':
    case 'cooldown':
      return suppressedUntil(outcome, incident, policy);
    case 'clearing':
      return `The incident is open; it resolves once this has lasted for ${formatDuration(policy.resolveAfterMs)}`;
    case 'resolved':
      return `That has lasted for ${formatDuration(policy.resolveAfterMs)}: the incident is resolved, and who was told of it is told`;
    default:
      return undefined;
  }
}

function toldOf(outcome: Outcome, { outcome: told, targets, reason }: Telling): string {
  const what = outcome === 'updated' ? 'Its silence is over' : outcome === 'opened' ? 'It opened' : 'It reopened';
  if (told !== 'paged') return outcome === 'updated' ? `Still: ${reason}` : `${what}; ${reason}`;
  if (targets === 0) return `${what}; the rule names nobody who is to be told`;
  return `${what}, and ${targets === 1 ? 'one target is' : `${targets} targets are`} told`;
}

function suppressedUntil(outcome: 'quiet_period' | 'cooldown', incident: StoredIncident | undefined, policy: Policy) {
  if (incident === undefined) return undefined;
  if (outcome === 'cooldown') {
    const until = formatTimestamp(parseTimestamp(incident.triggeredAt) + policy.cooldownMs);
    return `Its cooldown of ${formatDuration(policy.cooldownMs)} lasts until ${until}`;
  }
  const until = formatTimestamp(parseTimestamp(incident.lastSeenErrorAt) + policy.quietMs);
  return `It was resolved, and stays so until ${until}, when ${formatDuration(policy.quietMs)} of quiet have passed`;
}
