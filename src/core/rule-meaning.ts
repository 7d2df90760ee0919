import type { RuleSpec, RuleSpecOf } from '../../schemas/rule.ts';
import type { Fault } from './check.ts';
import { FilterError } from './filter-error.ts';
import { groupField, groupFieldNames, kindOf } from './group.ts';
import { HEARTBEAT_AGE, readsHeartbeatAge, ruleWindowMs } from './rule.ts';
import { parseSearch } from './search.ts';

const DAY_MS = 86_400_000;
/** A tick must not read the whole store: the longest window of a rule. */
const MAX_WINDOW_MS = 7 * DAY_MS;
/** An anomaly looks at many windows before its own. */
const MAX_ANOMALY_WINDOW_MS = DAY_MS;

/** What a schema cannot say: everything about a rule that is well formed and makes no sense. */
export function meaningFaults(spec: RuleSpec): Fault[] {
  return [...conditionFaults(spec), ...windowFaults(spec), ...groupFaults(spec)];
}

function conditionFaults(spec: RuleSpec): Fault[] {
  switch (spec.type) {
    case 'log_count':
      return spec.condition.q === undefined ? [] : searchFaults(spec.condition.q);
    case 'threshold':
      return readsHeartbeatAge(spec) ? ageFaults(spec) : [];
    case 'rate_change':
    case 'anomaly':
      return spec.condition.metric === HEARTBEAT_AGE
        ? [{ field: 'condition.metric', message: `${HEARTBEAT_AGE} is for rules of the type threshold` }]
        : [];
    case 'heartbeat':
      return heartbeatFaults(spec);
    case 'absence':
      return absenceFaults(spec);
    case 'security':
      return [];
  }
}

function ageFaults({ condition: { aggregate, tags } }: RuleSpecOf<'threshold'>): Fault[] {
  if (tags !== undefined) return [{ field: 'condition.tags', message: `does not apply to ${HEARTBEAT_AGE}` }];
  if (aggregate === undefined || aggregate === 'last') return [];
  return [{ field: 'condition.aggregate', message: `must be last, or left out, for ${HEARTBEAT_AGE}` }];
}

function heartbeatFaults({ condition }: RuleSpecOf<'heartbeat'>): Fault[] {
  const { older_than: olderThan, status, learn } = condition;
  if (olderThan !== undefined || status !== undefined || learn === true) return [];
  return [{ field: 'condition', message: 'must have older_than, status or "learn": true' }];
}

function absenceFaults(spec: RuleSpecOf<'absence'>): Fault[] {
  const { q, metric, duration, learn } = spec.condition;
  const kind = kindOf(spec);
  if (duration === undefined && learn !== true) {
    return [{ field: 'condition.duration', message: 'is required, unless "learn": true is to find it' }];
  }
  if (q !== undefined && kind !== 'log') return [{ field: 'condition.q', message: 'is for logs alone' }];
  if (metric !== undefined && kind !== 'metric')
    return [{ field: 'condition.metric', message: 'is for metrics alone' }];
  if (learn === true && spec.group_by !== undefined) {
    return [{ field: 'group_by', message: 'does not go with "learn": true' }];
  }
  return q === undefined ? [] : searchFaults(q);
}

function windowFaults(spec: RuleSpec): Fault[] {
  const mostMs = spec.type === 'anomaly' ? MAX_ANOMALY_WINDOW_MS : MAX_WINDOW_MS;
  // The age of a heartbeat is known, however great.
  if (spec.type === 'heartbeat' || ruleWindowMs(spec) <= mostMs) return [];
  return [{ field: 'condition.duration', message: `must be at most ${mostMs / DAY_MS}d` }];
}

function groupFaults(spec: RuleSpec): Fault[] {
  const kind = readsHeartbeatAge(spec) ? 'heartbeat' : kindOf(spec);
  const { group_by: fields = [] } = spec;
  return fields.flatMap((field, index) =>
    groupField(kind, field) === undefined
      ? [{ field: `group_by[${index}]`, message: `must be one of ${groupFieldNames(kind)} for this rule` }]
      : [],
  );
}

function searchFaults(q: string): Fault[] {
  try {
    parseSearch(q);
    return [];
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return [{ field: 'condition.q', message: error.message }];
  }
}
