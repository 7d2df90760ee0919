import type { Level } from '../../schemas/log.ts';
import type { Rule } from '../../schemas/rule.ts';
import { all, equals, type Filter } from '../core/filter.ts';
import { ALL_SERVICES } from '../core/fingerprint.ts';
import type { Reading } from '../core/incident.ts';
import { ruleWindowMs } from '../core/rule.ts';
import { parseSearch } from '../core/search.ts';
import type { Store } from '../store/store.ts';
import { groupBy, type Question } from './question.ts';

type LogCountRule = Extract<Rule, { type: 'log_count' }>;

/** Services named in one query; for more, all are counted and the others ignored. */
const MAX_NAMED_SERVICES = 100;

/** Rules with the same window and words are counted together, by service and level. */
export function logQuestions(rules: readonly LogCountRule[]): readonly Question[] {
  const groups = groupBy(rules, ({ condition }) => JSON.stringify([condition.windowMinutes, condition.q ?? null]));
  return groups.map((group) => ({ rules: group, ask: (store, now) => countLogs(group, store, now) }));
}

/** The log lines a rule counts at `now`. */
export function matchingLogs(rule: LogCountRule, now: number): Filter {
  const levels = levelsOf(rule);
  return all(
    inWindow(rule, now),
    ...(rule.service === undefined ? [] : [equals('service', rule.service)]),
    ...(levels === undefined ? [] : [{ op: 'one_of', field: 'level', values: levels } as const]),
  );
}

async function countLogs(rules: readonly LogCountRule[], store: Store, now: number) {
  const [first] = rules;
  if (first === undefined) throw new Error('BUG: a question without rules');
  const { groups } = await store.aggregate({
    kind: 'log',
    where: all(inWindow(first, now), ...namedServices(rules), ...namedLevels(rules)),
    functions: ['count'],
    groupBy: ['service', 'level'],
  });
  const counts = new Counts();
  for (const { group, points } of groups) {
    counts.add(group.service ?? '', group.level ?? '', points[0]?.values.count ?? 0);
  }
  return new Map(rules.map((rule) => [rule.id, [readingOf(rule, counts)]]));
}

function readingOf(rule: LogCountRule, counts: Counts): Reading {
  const service = rule.service ?? ALL_SERVICES;
  const count = counts.of(service, levelsOf(rule));
  return { service, group: null, breached: count >= rule.condition.threshold, value: count, count };
}

function inWindow(rule: LogCountRule, now: number): Filter {
  const time = { op: 'time', from: now - ruleWindowMs(rule) + 1, to: now } as const;
  return rule.condition.q === undefined ? time : all(time, parseSearch(rule.condition.q));
}

function levelsOf({ condition }: LogCountRule): readonly Level[] | undefined {
  return condition.level === undefined ? undefined : [condition.level].flat();
}

function namedServices(rules: readonly LogCountRule[]): Filter[] {
  const values = new Set(rules.map(({ service }) => service));
  if (values.size > MAX_NAMED_SERVICES || values.has(undefined)) return [];
  return [{ op: 'one_of', field: 'service', values: [...values].filter((service) => service !== undefined) }];
}

function namedLevels(rules: readonly LogCountRule[]): Filter[] {
  const named = rules.map(levelsOf);
  if (named.includes(undefined)) return [];
  return [{ op: 'one_of', field: 'level', values: [...new Set(named.flatMap((levels) => levels ?? []))] }];
}

/** How many lines each service wrote at each level, and all together. */
class Counts {
  readonly #byService = new Map<string, Map<string, number>>();

  add(service: string, level: string, count: number): void {
    for (const name of [service, ALL_SERVICES]) {
      const levels = this.#byService.get(name) ?? new Map<string, number>();
      levels.set(level, (levels.get(level) ?? 0) + count);
      this.#byService.set(name, levels);
    }
  }

  /** At these levels, or at all. */
  of(service: string, levels: readonly string[] | undefined): number {
    const counts = this.#byService.get(service);
    if (counts === undefined) return 0;
    const wanted = levels === undefined ? counts.values() : levels.map((level) => counts.get(level) ?? 0);
    return [...wanted].reduce((sum, count) => sum + count, 0);
  }
}
