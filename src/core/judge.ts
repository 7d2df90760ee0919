import type { RuleSpecOf } from '../../schemas/rule.ts';
import { deviation } from './anomaly.ts';
import { formatDuration } from './duration.ts';
import type { Reading } from './incident.ts';
import type { Rhythm } from './rhythm.ts';
import { compare, ruleWindowMs } from './rule.ts';
import { significant } from './significant.ts';

/** What a reading is of. */
export type Whose = Pick<Reading, 'service' | 'group' | 'fields'>;

/** What was found of it. */
export type Judged = Omit<Reading, keyof Whose>;

/** Nothing to judge by; `note` says why, where it is not plain. */
export function unknown(note?: string): Judged {
  return { breached: false, value: null, count: 0, ...(note !== undefined && { note }) };
}

/** A metric against a number. */
export function judgeThreshold({ condition }: RuleSpecOf<'threshold'>, value: number | null): Judged {
  if (value === null) return unknown();
  return { breached: compare(value, condition.operator, condition.threshold), value, count: 0 };
}

/** A metric against itself in the window before, in percent. From nothing, and from zero, there is no percentage. */
export function judgeChange(rule: RuleSpecOf<'rate_change'>, value: number | null, before: number | null): Judged {
  const { operator, threshold } = rule.condition;
  if (value === null) return unknown();
  if (before === null) return unknown('there is nothing in the window before to compare it with');
  if (before === 0) {
    return value === 0
      ? { breached: compare(0, operator, threshold), value: 0, count: 0 }
      : unknown(`it went from 0 to ${significant(value)}, which is no percentage`);
  }
  const change = ((value - before) / Math.abs(before)) * 100;
  const note = `${significant(value)}, ${significant(before)} in the window before`;
  return { breached: compare(change, operator, threshold), value: change, count: 0, note };
}

/** A metric against what is usual for it: the value of the reading is how far off it is. */
export function judgeAnomaly(
  rule: RuleSpecOf<'anomaly'>,
  value: number | null,
  history: readonly number[],
  atLeast: number,
): Judged {
  if (value === null) return unknown();
  if (history.length < atLeast) {
    return unknown(`what is usual is not known yet: ${history.length} of ${atLeast} earlier windows have data`);
  }
  const { score, usual, spread } = deviation(rule.condition.method, value, history);
  const note = `${significant(value)}, where ${significant(usual)} is usual (give or take ${significant(spread)})`;
  return { breached: score >= rule.condition.threshold, value: score, count: 0, note };
}

/** A count against the least that is too many. */
export function judgeCount(rule: RuleSpecOf<'log_count' | 'security'>, count: number): Judged {
  return { breached: count >= rule.condition.threshold, value: count, count };
}

/** `count` events in the window that should have had one. */
export function judgeAbsence(count: number, rhythm?: Rhythm): Judged {
  const found = { breached: count === 0, value: count, count: 0 };
  return rhythm === undefined ? found : { ...found, note: learnt(rhythm, 'events') };
}

/** The age of the newest heartbeat as a metric, in seconds. */
export function judgeAge({ condition }: RuleSpecOf<'threshold'>, ageMs: number): Judged {
  const value = ageMs / 1000;
  return { breached: compare(value, condition.operator, condition.threshold), value, count: 0 };
}

/** What is known of whoever sends heartbeats. */
export interface Pulse {
  /** Since the newest. */
  readonly ageMs: number;
  /** What its hosts last reported. */
  readonly states: readonly string[];
  /** Undefined while too little of it is known, and when the rule does not ask for it. */
  readonly rhythm?: Rhythm | undefined;
}

/** Silence, or a bad word: one of them is enough. */
export function judgeHeartbeat(rule: RuleSpecOf<'heartbeat'>, { ageMs, states, rhythm }: Pulse): Judged {
  const { older_than: olderThan, status, learn } = rule.condition;
  const deadlineMs = rhythm?.deadlineMs ?? (olderThan === undefined ? undefined : ruleWindowMs(rule));
  const silent = deadlineMs !== undefined && ageMs > deadlineMs;
  const reports = status !== undefined && states.includes(status);
  const judged = { breached: silent || reports, value: ageMs / 1000, count: 0 };
  if (reports && !silent) return { ...judged, note: `it reports ${status}` };
  if (rhythm !== undefined)
    return { ...judged, threshold: rhythm.deadlineMs / 1000, note: learnt(rhythm, 'heartbeats') };
  if (learn !== true) return judged;
  const note = 'how often it comes is not known yet';
  return deadlineMs === undefined && status === undefined ? unknown(note) : { ...judged, note };
}

function learnt({ intervalMs, deadlineMs, samples }: Rhythm, what: string): string {
  const usual = formatDuration(Math.max(1000, Math.round(intervalMs / 1000) * 1000));
  return `learnt from ${samples + 1} ${what}: one comes every ${usual}, and ${formatDuration(deadlineMs)} without one is silence`;
}
