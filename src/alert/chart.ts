import type { ChartPoint } from '../../schemas/delivery.ts';
import type { Rule } from '../../schemas/rule.ts';
import { all } from '../core/filter.ts';
import type { Reading } from '../core/incident.ts';
import { readsHeartbeatAge, ruleWindowMs } from '../core/rule.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { AggregateFn, Store } from '../store/store.ts';
import { groupFilters, sliceFilter, sliceOf } from './slice.ts';

/** Bars of a chart: as many as fit into a line on a phone. */
const BARS = 24;
/** Bars that a rule's window fills, so that what was before it is seen too. */
const BARS_PER_WINDOW = 6;
/** Shorter steps show noise. */
const MIN_STEP_MS = 10_000;

/** What a rule looks at, as it came to `now`; empty for rules that look at nothing that can be drawn. */
export async function chartOf(rule: Rule, reading: Reading, store: Store, now: number): Promise<ChartPoint[]> {
  const fn = functionOf(rule);
  if (fn === undefined) return [];
  const stepMs = Math.max(Math.ceil(ruleWindowMs(rule) / BARS_PER_WINDOW), MIN_STEP_MS);
  const from = Math.floor(now / stepMs) * stepMs - (BARS - 1) * stepMs;
  const slice = sliceOf(rule);
  const where = all(sliceFilter(slice, { from, to: now }), ...groupFilters(rule, reading));
  const { groups } = await store.aggregate({ kind: slice.kind, where, functions: [fn], groupBy: [], stepMs });
  const values = new Map(groups[0]?.points.map((point) => [point.time, point.values[fn]]));
  const starts = Array.from({ length: BARS }, (_, index) => from + index * stepMs);
  return starts.flatMap((start) => {
    // No events are none; no values are not zero.
    const value = values.get(start) ?? (fn === 'count' ? 0 : undefined);
    return value === undefined ? [] : { time: formatTimestamp(start), value };
  });
}

function functionOf(rule: Rule): AggregateFn | undefined {
  if (readsHeartbeatAge(rule)) return undefined;
  switch (rule.type) {
    case 'threshold':
      return rule.condition.aggregate ?? 'last';
    case 'rate_change':
    case 'anomaly':
      return 'avg';
    case 'log_count':
    case 'security':
    case 'absence':
      return 'count';
    case 'heartbeat':
      return undefined;
  }
}
