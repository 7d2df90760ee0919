import type { Kind } from '../../../schemas/event.ts';
import type { RuleSpec } from '../../../schemas/rule.ts';
import type { StoredEvent } from '../../core/event.ts';
import { all, type Field, type Filter } from '../../core/filter.ts';
import { groupFields } from '../../core/group.ts';
import { fieldReader } from '../../core/matcher.ts';
import { invalidParameter } from '../../errors.ts';
import type { Store } from '../../store/store.ts';
import { MAX_GROUPS } from '../bound-groups.ts';
import type { Grouped, Window } from '../event-data.ts';
import { groupKey } from '../per-group.ts';
import { sliceFilter, sliceOf } from '../slice.ts';
import { BucketSeries, functionsFor } from './bucket-series.ts';
import { EventSeries } from './event-series.ts';
import { HeartbeatSeries } from './heartbeat-series.ts';
import type { Needs } from './needs.ts';
import { SeriesData } from './series-data.ts';

/** Buckets of all groups that are held, some 30 bytes each. */
const MAX_BUCKETS = 1_000_000;
/** Buckets asked for in one query. */
const MAX_BUCKETS_A_QUERY = 200_000;
/** Events that are held where buckets will not do. */
const MAX_EVENTS = 1_000_000;

export interface Loaded {
  readonly data: SeriesData;
  /** Groups that were too many. */
  readonly groupsCut: number;
}

interface Reading {
  readonly store: Store;
  readonly rule: RuleSpec;
  readonly needs: Needs;
  /** From the first event that matters to the last moment that is evaluated. */
  readonly window: Window;
  readonly bucketMs: number;
  readonly signal: AbortSignal;
}

/** Reads what a preview needs. @throws LW_INVALID_PARAMETER when that is more than may be held, the reason of the signal */
export async function loadSeries(reading: Reading): Promise<Loaded> {
  switch (reading.needs.shape) {
    case 'buckets':
      return loadBuckets(reading);
    case 'heartbeats': {
      const heartbeats = await readEvents(reading, 'heartbeat');
      return { data: new SeriesData([], new HeartbeatSeries(heartbeats)), groupsCut: 0 };
    }
    default:
      return loadEvents(reading);
  }
}

async function loadBuckets(reading: Reading): Promise<Loaded> {
  const { store, rule, needs, window, bucketMs, signal } = reading;
  const slice = sliceOf(rule);
  const groupBy = groupFields(rule);
  const { kept, cut, where } = await chooseGroups(reading);
  const series = new Map(kept.map((values) => [groupKey(values), { values, found: new BucketSeries() }]));
  const functions = [...new Set([...functionsFor(needs.fn), 'count' as const])];
  const spanMs = Math.max(1, Math.floor(MAX_BUCKETS_A_QUERY / Math.max(1, series.size))) * bucketMs;
  for (let from = window.from; from <= window.to; from += spanMs) {
    const part = { from, to: Math.min(window.to, from + spanMs - 1) };
    const query = {
      kind: slice.kind,
      where: all(sliceFilter(slice, part), where),
      functions,
      groupBy,
      stepMs: bucketMs,
    };
    const { groups } = await store.aggregate(query, { signal });
    for (const { group, points } of groups) {
      series.get(groupKey(groupBy.map((field) => group[field] ?? null)))?.found.push(points);
    }
  }
  return { data: new SeriesData([...series.values()]), groupsCut: cut };
}

/** The groups with the most events, as many as may be held, and a filter that keeps most others away. */
async function chooseGroups({ store, rule, window, bucketMs, signal }: Reading) {
  const slice = sliceOf(rule);
  const groupBy = groupFields(rule);
  if (groupBy.length === 0) return { kept: [[]], cut: 0, where: all() };
  const query = { kind: slice.kind, where: sliceFilter(slice, window), functions: ['count'] as const, groupBy };
  const { groups } = await store.aggregate(query, { signal });
  const counted = groups
    .map(({ group, points }) => ({
      values: groupBy.map((field) => group[field] ?? null),
      count: points[0]?.values.count ?? 0,
    }))
    .sort((a, b) => b.count - a.count);
  const most = (window.to + 1 - window.from) / bucketMs;
  let buckets = 0;
  const kept = counted.filter(({ count }, index) => {
    buckets += Math.min(count, most);
    return index < MAX_GROUPS && buckets <= MAX_BUCKETS;
  });
  const cut = counted.length - kept.length;
  return { kept: kept.map(({ values }) => values), cut, where: cut === 0 ? all() : ofGroups(groupBy, kept) };
}

function ofGroups(
  groupBy: readonly Field[],
  groups: readonly { readonly values: readonly (string | null)[] }[],
): Filter {
  const filters = groupBy.flatMap((field, index): Filter[] => {
    const values = groups.map((group) => group.values[index] ?? null);
    const words = [...new Set(values)].filter((value) => value !== null);
    return values.includes(null) ? [] : [{ op: 'one_of', field, values: words }];
  });
  return all(...filters);
}

/** Every event of the rule: its moment and, if it has one, its value. */
async function loadEvents(reading: Reading): Promise<Loaded> {
  const readers = groupFields(reading.rule).map(fieldReader);
  const series = new Map<string, Grouped<EventSeries>>();
  if (readers.length === 0) series.set(groupKey([]), { values: [], found: new EventSeries() });
  for (const event of await readEvents(reading, sliceOf(reading.rule).kind)) {
    const values = readers.map((read) => read(event) ?? null);
    const key = groupKey(values);
    const group = series.get(key) ?? { values, found: new EventSeries() };
    series.set(key, group);
    group.found.push(event.timestamp, 'value' in event ? event.value : undefined);
  }
  const all = [...series.values()];
  return { data: new SeriesData(all.slice(0, MAX_GROUPS)), groupsCut: Math.max(0, all.length - MAX_GROUPS) };
}

async function readEvents<K extends Kind>(
  { store, rule, window, signal }: Reading,
  kind: K,
): Promise<StoredEvent<K>[]> {
  const slice = kind === 'heartbeat' ? { kind, only: serviceOf(rule) } : sliceOf(rule);
  const events: StoredEvent<K>[] = [];
  const query = { kind, where: sliceFilter(slice, window), order: 'asc' as const, limit: MAX_EVENTS + 1 };
  for await (const batch of store.scan(query, { signal })) {
    for (const event of batch) events.push(event);
  }
  if (events.length > MAX_EVENTS) {
    const most = MAX_EVENTS.toLocaleString('en');
    throw invalidParameter(
      'from',
      `must be later: this rule has to be tried on each single event, and there are more than ${most}`,
    );
  }
  return events;
}

function serviceOf({ service }: RuleSpec) {
  return service === undefined ? {} : { service: [service] };
}
