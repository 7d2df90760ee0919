import type { RuleSpec } from '../../schemas/rule.ts';
import { deviation } from '../../src/core/anomaly.ts';
import { learnRhythm } from '../../src/core/rhythm.ts';

/** One thing that was sent. */
export interface Sent {
  readonly at: number;
  readonly kind: 'log' | 'metric' | 'security' | 'heartbeat';
  readonly host: string;
  readonly value?: number;
}

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

function ms(duration: string): number {
  return Number(duration.slice(0, -1)) * (UNITS[duration.slice(-1)] ?? Number.NaN);
}

/**
 * The groups that a rule is breached in at `now`, read from the bare list of all that was sent before, each time anew. A
 * rule without groups has one, called null.
 */
export function naiveBreaches(spec: RuleSpec, sent: readonly Sent[], now: number): readonly (string | null)[] {
  const past = sent.filter(({ at }) => at <= now);
  const groups = spec.group_by === undefined ? [null] : [...new Set(past.map(({ host }) => host))];
  return groups.filter((group) =>
    isBreached(
      spec,
      past.filter(({ host }) => group === null || host === group),
      now,
    ),
  );
}

function isBreached(spec: RuleSpec, past: readonly Sent[], now: number): boolean {
  const of = (kind: Sent['kind'], from: number, to = now) =>
    past.filter((one) => one.kind === kind && one.at > from && one.at <= to);
  const values = (from: number, to = now) => of('metric', from, to).map(({ value = Number.NaN }) => value);
  const moments = (kind: Sent['kind']) => past.filter((one) => one.kind === kind).map(({ at }) => at);
  switch (spec.type) {
    case 'log_count':
      return of('log', now - spec.condition.windowMinutes * 60_000).length >= spec.condition.threshold;
    case 'security':
      return of('security', now - ms(spec.condition.duration)).length >= spec.condition.threshold;
    case 'absence': {
      const { kind = spec.condition.metric === undefined ? 'log' : 'metric', duration, learn } = spec.condition;
      if (kind === 'span') return false;
      const deadline =
        (learn === true ? learnRhythm(moments(kind).slice(-300))?.deadlineMs : undefined) ?? ms(duration ?? '');
      // A group is one only when it was there.
      return of(kind, now - deadline).length === 0 && (spec.group_by === undefined || moments(kind).length > 0);
    }
    case 'heartbeat': {
      const heard = moments('heartbeat');
      const newest = heard.at(-1);
      const learnt = spec.condition.learn === true ? learnRhythm(heard.slice(-300))?.deadlineMs : undefined;
      const limit = learnt ?? (spec.condition.older_than === undefined ? undefined : ms(spec.condition.older_than));
      return newest !== undefined && limit !== undefined && now - newest > limit;
    }
    case 'threshold': {
      const { metric, operator, threshold, aggregate = 'last', duration = '5m' } = spec.condition;
      if (metric === 'heartbeat_age_seconds') {
        const newest = moments('heartbeat').at(-1);
        return newest !== undefined && holds((now - newest) / 1000, operator, threshold);
      }
      const found = values(now - ms(duration));
      return found.length > 0 && holds(statistic(aggregate, found), operator, threshold);
    }
    case 'rate_change': {
      const { operator, threshold, aggregate = 'avg' } = spec.condition;
      const width = ms(spec.condition.duration);
      const [found, before] = [values(now - width), values(now - 2 * width, now - width)];
      // No values are a count of 0, and of nothing else.
      if (aggregate !== 'count' && (found.length === 0 || before.length === 0)) return false;
      const [a, b] = [statistic(aggregate, found), statistic(aggregate, before)];
      if (b === 0) return a === 0 && found.length > 0 && holds(0, operator, threshold);
      return holds(((a - b) / Math.abs(b)) * 100, operator, threshold);
    }
    case 'anomaly': {
      const { method, threshold } = spec.condition;
      const width = ms(spec.condition.duration);
      const found = values(now - width);
      // Whole windows since the epoch, the last of which ends before this one begins.
      const end = Math.floor((now - width + 1) / width) * width;
      const history = Array.from({ length: 60 }, (_, index) =>
        values(end - (index + 1) * width - 1, end - index * width - 1),
      )
        .filter((all) => all.length > 0)
        .map((all) => statistic('avg', all))
        .reverse();
      if (found.length === 0 || history.length < 12) return false;
      return deviation(method, statistic('avg', found), history).score >= threshold;
    }
  }
}

function holds(value: number, operator: string, limit: number): boolean {
  if (operator === 'eq') return value === limit;
  if (operator.endsWith('e') && value === limit) return true;
  return operator.startsWith('g') ? value > limit : value < limit;
}

function statistic(name: string, values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const sorted = values.toSorted((a, b) => a - b);
  switch (name) {
    case 'count':
      return values.length;
    case 'sum':
      return sum;
    case 'avg':
      return sum / values.length;
    case 'min':
      return sorted[0] ?? Number.NaN;
    case 'max':
      return sorted.at(-1) ?? Number.NaN;
    case 'last':
      return values.at(-1) ?? Number.NaN;
    default: {
      const rank = (Number(name.slice(1)) / 100) * (sorted.length - 1);
      const [below = Number.NaN, above = Number.NaN] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]];
      return below + (above - below) * (rank % 1);
    }
  }
}
