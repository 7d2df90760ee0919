import type { Rule, RuleSpec, RuleSpecOf } from '../../schemas/rule.ts';
import { historyOf } from '../core/anomaly.ts';
import { groupFields } from '../core/group.ts';
import type { Reading } from '../core/incident.ts';
import { judgeAbsence, judgeAnomaly, judgeChange, judgeCount, judgeThreshold, unknown } from '../core/judge.ts';
import { learnRhythm } from '../core/rhythm.ts';
import { readsHeartbeatAge, ruleWindowMs } from '../core/rule.ts';
import { evaluateHeartbeats } from './evaluate-heartbeats.ts';
import type { CountAsk, EventData } from './event-data.ts';
import { byGroup, groupKey, perGroup } from './per-group.ts';
import { lookBack, sliceOf } from './slice.ts';

/** How far back the groups are looked for of which nothing may have come since. */
export const ABSENT_GROUPS_MS = 24 * 60 * 60_000;

/** What a rule found, or why it could not look. */
export type Evaluation = { readonly readings: readonly Reading[] } | { readonly error: unknown };

/** Evaluates every rule for the moment `now`. One that cannot be evaluated does so alone. */
export async function evaluateRules(
  rules: readonly Rule[],
  data: EventData,
  now: number,
): Promise<ReadonlyMap<string, Evaluation>> {
  const evaluate = async (rule: Rule): Promise<Evaluation> => {
    try {
      return { readings: await evaluateRule(rule, data, now) };
    } catch (error) {
      return { error };
    }
  };
  // All at once: what they ask in one turn is answered together.
  const evaluations = await Promise.all(rules.map(evaluate));
  return new Map(rules.map(({ id }, index) => [id, evaluations[index] ?? { readings: [] }]));
}

/** What a rule finds at `now`: one reading, or one for each of its groups. Rejects when the data cannot be had. */
export async function evaluateRule(rule: RuleSpec, data: EventData, now: number): Promise<readonly Reading[]> {
  if (rule.type === 'threshold' && !readsHeartbeatAge(rule)) return evaluateThreshold(rule, data, now);
  switch (rule.type) {
    case 'threshold':
    case 'heartbeat':
      return evaluateHeartbeats(rule, data, now);
    case 'rate_change':
      return evaluateChange(rule, data, now);
    case 'anomaly':
      return evaluateAnomaly(rule, data, now);
    case 'log_count':
    case 'security':
      return evaluateCount(rule, data, now);
    case 'absence':
      return rule.condition.learn === true ? evaluateLearntAbsence(rule, data, now) : evaluateAbsence(rule, data, now);
  }
}

async function evaluateThreshold(rule: RuleSpecOf<'threshold'>, data: EventData, now: number) {
  const found = await data.metric({ ...askOf(rule, now), fn: rule.condition.aggregate ?? 'last' });
  return perGroup(rule, found, (value) => judgeThreshold(rule, value ?? null));
}

async function evaluateChange(rule: RuleSpecOf<'rate_change'>, data: EventData, now: number) {
  const { aggregate: fn = 'avg' } = rule.condition;
  const [current, before] = await Promise.all([
    data.metric({ ...askOf(rule, now), fn }),
    data.metric({ ...askOf(rule, now - ruleWindowMs(rule)), fn }),
  ]);
  const earlier = byGroup(before);
  // No values are a count of 0, and of nothing else.
  const none = fn === 'count' ? 0 : null;
  const here = byGroup(current);
  const gone = before.filter(({ values }) => fn === 'count' && !here.has(groupKey(values)));
  const all = [...current, ...gone.map(({ values }) => ({ values, found: 0 }))];
  return perGroup(rule, all, (value, values) => {
    const past = earlier.get(groupKey(values));
    // Nothing after nothing is no change: what was never sent breaches nothing.
    if (value === undefined && past === undefined) return unknown();
    return judgeChange(rule, value ?? none, past ?? none);
  });
}

async function evaluateAnomaly(rule: RuleSpecOf<'anomaly'>, data: EventData, now: number) {
  const ask = askOf(rule, now);
  const { atLeast, stepMs, ...window } = historyOf(rule.condition.method, ruleWindowMs(rule), now);
  const [current, history] = await Promise.all([
    data.metric({ ...ask, fn: 'avg' }),
    data.history({ ...ask, window, stepMs }),
  ]);
  const earlier = byGroup(history);
  return perGroup(rule, current, (value, values) =>
    judgeAnomaly(rule, value ?? null, earlier.get(groupKey(values)) ?? [], atLeast),
  );
}

async function evaluateCount(rule: RuleSpecOf<'log_count' | 'security'>, data: EventData, now: number) {
  const found = await data.count(askOf(rule, now));
  return perGroup(rule, found, (count = 0) => judgeCount(rule, count));
}

async function evaluateAbsence(rule: RuleSpecOf<'absence'>, data: EventData, now: number) {
  const ask = askOf(rule, now);
  const lookMs = Math.max(ABSENT_GROUPS_MS, 2 * ruleWindowMs(rule));
  const found = await data.count(ask);
  const known = ask.groupBy.length === 0 ? [] : await data.groups({ ...ask, window: lookBack(lookMs, now) }, found);
  const here = byGroup(found);
  const absent = known.filter(({ values }) => !here.has(groupKey(values))).map(({ values }) => ({ values, found: 0 }));
  return perGroup(rule, [...found, ...absent], (count = 0) => judgeAbsence(count));
}

async function evaluateLearntAbsence(rule: RuleSpecOf<'absence'>, data: EventData, now: number) {
  const ask = askOf(rule, now);
  const rhythm = learnRhythm((await data.moments(ask.slice, now)) ?? []);
  const deadlineMs = rhythm?.deadlineMs ?? ruleWindowMs(rule);
  if (deadlineMs === 0) return perGroup(rule, [], () => unknown('how often it comes is not known yet'));
  const found = await data.count({ ...ask, window: lookBack(deadlineMs, now) });
  return perGroup(rule, found, (count = 0) => judgeAbsence(count, rhythm));
}

function askOf(rule: RuleSpec, now: number): CountAsk {
  return { slice: sliceOf(rule), window: lookBack(ruleWindowMs(rule), now), groupBy: groupFields(rule) };
}
