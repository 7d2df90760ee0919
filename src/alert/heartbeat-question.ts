import type { Rule } from '../../schemas/rule.ts';
import type { Reading } from '../core/incident.ts';
import { compare, HEARTBEAT_AGE, ruleWindowMs } from '../core/rule.ts';
import { heartbeatsByService, type ServiceHeartbeats } from '../core/service-heartbeats.ts';
import type { ServiceRecord, Store } from '../store/store.ts';
import type { Question } from './question.ts';

/** Rules that look at heartbeats: by their age, or by what they report. */
type HeartbeatRule = Extract<Rule, { type: 'heartbeat' | 'threshold' }>;

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
      const heard = heartbeatsByService(await store.services());
      return new Map(rules.map((rule) => [rule.id, readings(rule, heard, now)]));
    },
  };
}

type Heard = ServiceHeartbeats<ServiceRecord>;

function readings(rule: HeartbeatRule, heard: readonly Heard[], now: number): readonly Reading[] {
  return heard
    .filter(({ service }) => rule.service === undefined || service === rule.service)
    .map((service) => readingOf(rule, service, now));
}

function readingOf(rule: HeartbeatRule, heard: Heard, now: number): Reading {
  const ageMs = Math.max(0, now - heard.lastSeen);
  return {
    service: heard.service,
    group: null,
    breached: isBreached(rule, heard, ageMs),
    value: ageMs / 1000,
    count: 0,
  };
}

function isBreached(rule: HeartbeatRule, { hosts }: Heard, ageMs: number): boolean {
  if (rule.type === 'threshold') return compare(ageMs / 1000, rule.condition.operator, rule.condition.threshold);
  const { older_than: olderThan, status } = rule.condition;
  return (
    (olderThan !== undefined && ageMs > ruleWindowMs(rule)) ||
    (status !== undefined && hosts.some((host) => host.status === status))
  );
}
