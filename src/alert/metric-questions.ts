import type { Rule } from '../../schemas/rule.ts';
import { all, equals, type Field, type Filter } from '../core/filter.ts';
import { ALL_SERVICES } from '../core/fingerprint.ts';
import type { Reading } from '../core/incident.ts';
import { compare, ruleWindowMs } from '../core/rule.ts';
import type { AggregateFn, AggregatePoint, Store } from '../store/store.ts';
import { groupBy, type Question } from './question.ts';

type ThresholdRule = Extract<Rule, { type: 'threshold' }>;

/**
 * Rules with the same window and tags are aggregated together, by metric and service. Those without a service look at
 * the values of all services as one series, which cannot be put together from the services' own figures.
 */
export function metricQuestions(rules: readonly ThresholdRule[]): readonly Question[] {
  const groups = groupBy(rules, (rule) =>
    JSON.stringify([ruleWindowMs(rule), Object.entries(rule.condition.tags ?? {}).sort(), rule.service === undefined]),
  );
  return groups.map((group) => ({ rules: group, ask: (store, now) => aggregateMetrics(group, store, now) }));
}

async function aggregateMetrics(rules: readonly ThresholdRule[], store: Store, now: number) {
  const [first] = rules;
  if (first === undefined) throw new Error('BUG: a question without rules');
  const { groups } = await store.aggregate({
    kind: 'metric',
    where: matchingMetrics(rules, first, now),
    functions: [...new Set(rules.map(aggregateOf))],
    groupBy: first.service === undefined ? ['name'] : ['name', 'service'],
  });
  const points = new Map<string, AggregatePoint>();
  for (const { group, points: all } of groups) {
    const [point] = all;
    if (point !== undefined) points.set(JSON.stringify([group.name, group.service ?? ALL_SERVICES]), point);
  }
  return new Map(rules.map((rule) => [rule.id, [readingOf(rule, points)]]));
}

function matchingMetrics(rules: readonly ThresholdRule[], first: ThresholdRule, now: number): Filter {
  const oneOf = (field: Field, values: readonly string[]): Filter => ({
    op: 'one_of',
    field,
    values: [...new Set(values)],
  });
  const services = rules.flatMap(({ service }) => service ?? []);
  const tags = Object.entries(first.condition.tags ?? {});
  return all(
    { op: 'time', from: now - ruleWindowMs(first) + 1, to: now },
    oneOf(
      'name',
      rules.map(({ condition }) => condition.metric),
    ),
    ...(services.length === 0 ? [] : [oneOf('service', services)]),
    ...tags.map(([key, value]) => equals(`tags.${key}`, value)),
  );
}

function readingOf(rule: ThresholdRule, points: ReadonlyMap<string, AggregatePoint>): Reading {
  const { metric, operator, threshold } = rule.condition;
  const service = rule.service ?? ALL_SERVICES;
  const value = points.get(JSON.stringify([metric, service]))?.values[aggregateOf(rule)] ?? null;
  const breached = value !== null && compare(value, operator, threshold);
  return { service, group: null, breached, value, count: 0 };
}

function aggregateOf(rule: ThresholdRule): AggregateFn {
  return rule.condition.aggregate ?? 'last';
}
