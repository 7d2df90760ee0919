import type { RuleAggregate, RuleSpec } from '../../../schemas/rule.ts';
import { historyOf } from '../../core/anomaly.ts';
import { readsHeartbeatAge, ruleWindowMs } from '../../core/rule.ts';
import { ABSENT_GROUPS_MS } from '../evaluate.ts';

const DAY_MS = 86_400_000;
/** Heartbeats older than this are not looked for: who sent none since counts as never heard of. */
const HEARTBEAT_BACK_MS = DAY_MS;
/** The same for what learns: a week has enough of what comes several times a day. */
const LEARN_BACK_MS = 7 * DAY_MS;

/** What a preview has to read of the past of a rule. */
export interface Needs {
  /** Buckets of events; each single heartbeat; or the moment or value of each single event. */
  readonly shape: 'buckets' | 'heartbeats' | 'moments' | 'values';
  /** How long before the first evaluation it begins. */
  readonly backMs: number;
  /** Of which the buckets' width must be a divisor, besides the interval. */
  readonly windowsMs: readonly number[];
  readonly fn: RuleAggregate;
}

export function needsOf(rule: RuleSpec): Needs {
  const windowMs = ruleWindowMs(rule);
  const buckets = { shape: 'buckets', backMs: windowMs, windowsMs: [windowMs], fn: 'count' } as const;
  switch (rule.type) {
    case 'log_count':
    case 'security':
      return buckets;
    case 'threshold': {
      if (readsHeartbeatAge(rule)) return { ...buckets, shape: 'heartbeats', backMs: HEARTBEAT_BACK_MS };
      const { aggregate: fn = 'last' } = rule.condition;
      return { ...buckets, fn, shape: shapeOf(fn) };
    }
    case 'rate_change': {
      const { aggregate: fn = 'avg' } = rule.condition;
      return { ...buckets, fn, shape: shapeOf(fn), backMs: 2 * windowMs };
    }
    case 'anomaly': {
      const { from, stepMs } = historyOf(rule.condition.method, windowMs, 0);
      return { ...buckets, fn: 'avg', backMs: windowMs - from, windowsMs: [windowMs, stepMs] };
    }
    case 'absence': {
      if (rule.condition.learn === true) return { ...buckets, shape: 'moments', backMs: LEARN_BACK_MS };
      return rule.group_by === undefined ? buckets : { ...buckets, backMs: Math.max(ABSENT_GROUPS_MS, 2 * windowMs) };
    }
    case 'heartbeat':
      return {
        ...buckets,
        shape: 'heartbeats',
        backMs: rule.condition.learn === true ? LEARN_BACK_MS : HEARTBEAT_BACK_MS,
      };
  }
}

/** Quantiles of a window cannot be put together from those of its parts. */
function shapeOf(fn: RuleAggregate): Needs['shape'] {
  return /^p\d/.test(fn) ? 'values' : 'buckets';
}
