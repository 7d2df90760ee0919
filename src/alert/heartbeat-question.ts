import type { Rule } from '../../schemas/rule.ts';
import type { Reading } from '../core/incident.ts';
import { compare, HEARTBEAT_AGE, ruleWindowMs } from '../core/rule.ts';
import type { ServiceRecord, Store } from '../store/store.ts';
import type { Question } from './question.ts';

/** Rules that look at heartbeats: by their age, or by what they report. */
export type HeartbeatRule = Extract<Rule, { type: 'heartbeat' | 'threshold' }>;

/**
 * A host counts for its service's status while its newest heartbeat is no older than this before the service's newest:
 * hosts that speak in turn all count, and one that was taken away does not keep an incident open for ever.
 */
const TOGETHER_MS = 5 * 60_000;

/** Whether a threshold is on the age of heartbeats, a metric that nobody sends. */
export function readsHeartbeatAge(rule: Extract<Rule, { type: 'threshold' }>): boolean {
  return rule.condition.metric === HEARTBEAT_AGE;
}

/**
 * All of them read the same list. Each service is judged for itself, also by a rule that names none; one that never sent
 * a heartbeat is not overdue.
 */
export function heartbeatQuestion(rules: readonly HeartbeatRule[]): Question {
  return {
    rules,
    async ask(store: Store, now: number) {
      const states = serviceStates(await store.services());
      return new Map(rules.map((rule) => [rule.id, readings(rule, states, now)]));
    },
  };
}

interface State {
  readonly lastSeen: number;
  readonly statuses: ReadonlySet<string>;
}

function serviceStates(records: readonly ServiceRecord[]): ReadonlyMap<string, State> {
  const newest = new Map<string, number>();
  for (const { service, lastSeen } of records) newest.set(service, Math.max(newest.get(service) ?? 0, lastSeen));
  const states = new Map<string, { lastSeen: number; statuses: Set<string> }>();
  for (const { service, lastSeen: heard, status } of records) {
    const lastSeen = newest.get(service) ?? heard;
    const state = states.get(service) ?? { lastSeen, statuses: new Set() };
    if (lastSeen - heard <= TOGETHER_MS) state.statuses.add(status);
    states.set(service, state);
  }
  return states;
}

function readings(rule: HeartbeatRule, states: ReadonlyMap<string, State>, now: number): readonly Reading[] {
  if (rule.service === undefined) return Array.from(states, ([service, state]) => readingOf(rule, service, state, now));
  const state = states.get(rule.service);
  return state === undefined ? [] : [readingOf(rule, rule.service, state, now)];
}

function readingOf(rule: HeartbeatRule, service: string, state: State, now: number): Reading {
  const ageMs = Math.max(0, now - state.lastSeen);
  return { service, group: null, breached: isBreached(rule, state, ageMs), value: ageMs / 1000, count: 0 };
}

function isBreached(rule: HeartbeatRule, { statuses }: State, ageMs: number): boolean {
  if (rule.type === 'threshold') return compare(ageMs / 1000, rule.condition.operator, rule.condition.threshold);
  const { older_than: olderThan, status } = rule.condition;
  return (olderThan !== undefined && ageMs > ruleWindowMs(rule)) || (status !== undefined && statuses.has(status));
}
