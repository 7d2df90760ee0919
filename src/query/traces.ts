import type { FastifyRequest } from 'fastify';
import { TRACES, type TraceList, type TraceSummary } from '../../schemas/trace.ts';
import type { StoredEvent } from '../core/event.ts';
import { all, type Filter } from '../core/filter.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import { invalidParameter } from '../errors.ts';
import type { ModuleContext } from '../http/module.ts';
import type { ReadOptions, Store } from '../store/store.ts';
import { asked } from './asking.ts';
import { type Parameters, readFilter } from './parameters.ts';

/** Spans that are looked through for the newest traces, and read of those that are listed: some 100 ms of work. */
const MAX_SPANS_READ = 20_000;
/** Spans that are grouped for the slowest traces: each trace of them is a group in memory. */
const MAX_SPANS_GROUPED = 500_000;
/** How far from the spans that were asked for the others of their trace are looked for. */
const AROUND_MS = 3_600_000;
/** The range when none is asked for. */
const DEFAULT_FROM = 'now-1h';

type Span = StoredEvent<'span'>;

/** Traces that were chosen, and from when to when the spans began by which they were. */
interface Chosen {
  readonly ids: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly exact: boolean;
}

/** Answers `GET /api/traces`: the newest or the slowest traces that have a matching span. */
export function traceList({ store, clock }: ModuleContext) {
  return async (request: FastifyRequest<{ Querystring: Parameters }>): Promise<TraceList> => {
    const { sort, limit: limitText, ...choice } = request.query;
    const limit = Math.min(TRACES.most, Number(limitText ?? TRACES.usual));
    const from = choice.from ?? (choice.to === undefined ? DEFAULT_FROM : undefined);
    const where = readFilter('span', { ...choice, ...(from !== undefined && { from }) }, clock.now());
    return asked(request, clock, async (options) => {
      const chosen = await (sort === 'slowest' ? slowest : newest)(store, where, limit, options);
      const { summaries, exact } = await summariesOf(store, chosen, options);
      return { data: summaries, page: 1, limit, exact: exact && chosen.exact };
    });
  };
}

async function newest(store: Store, where: Filter, limit: number, options: ReadOptions): Promise<Chosen> {
  const ids = new Set<string>();
  let [from, to, read] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for await (const spans of store.scan({ kind: 'span', where, order: 'desc', limit: MAX_SPANS_READ }, options)) {
    for (const { trace_id, timestamp } of spans) {
      if (ids.size === limit) break;
      ids.add(trace_id);
      [from, to] = [Math.min(from, timestamp), Math.max(to, timestamp)];
    }
    read += spans.length;
    if (ids.size === limit) break;
  }
  return { ids: [...ids], from, to, exact: ids.size === limit || read < MAX_SPANS_READ };
}

async function slowest(store: Store, where: Filter, limit: number, options: ReadOptions): Promise<Chosen> {
  const [counted] = (await store.aggregate({ kind: 'span', where, functions: ['count'], groupBy: [] }, options)).groups;
  const count = counted?.points[0]?.values.count ?? 0;
  if (count > MAX_SPANS_GROUPED)
    throw invalidParameter(
      'from',
      `leaves ${count} spans to look through, and the slowest of ${MAX_SPANS_GROUPED} at most are found: bring from and to nearer together, or choose by service or status`,
    );
  const { groups } = await store.aggregate(
    { kind: 'span', where, functions: ['max', 'newest'], groupBy: ['trace_id'] },
    options,
  );
  const found = groups
    .map(({ group, points }) => ({ id: group.trace_id ?? '', ...points[0]?.values }))
    .sort((a, b) => (b.max ?? 0) - (a.max ?? 0))
    .slice(0, limit);
  const times = found.map(({ newest = 0 }) => newest);
  return { ids: found.map(({ id }) => id), from: Math.min(...times), to: Math.max(...times), exact: true };
}

/** All spans of the chosen traces, summed up in the order in which they were chosen. */
async function summariesOf(store: Store, { ids, from, to }: Chosen, options: ReadOptions) {
  if (ids.length === 0) return { summaries: [], exact: true };
  const where = all(
    { op: 'time', from: from - AROUND_MS, to: to + AROUND_MS },
    { op: 'one_of', field: 'trace_id', values: ids },
  );
  const byTrace = new Map<string, Span[]>(ids.map((id) => [id, []]));
  let read = 0;
  for await (const spans of store.scan({ kind: 'span', where, order: 'asc', limit: MAX_SPANS_READ }, options)) {
    for (const span of spans) byTrace.get(span.trace_id)?.push(span);
    read += spans.length;
  }
  return { summaries: Array.from(byTrace.values()).flatMap(summaryOf), exact: read < MAX_SPANS_READ };
}

/** Of spans in the order of time; nothing for a trace whose spans have gone meanwhile. */
function summaryOf(spans: readonly Span[]): TraceSummary[] {
  const known = new Set(spans.map(({ span_id }) => span_id));
  const root = spans.find(({ parent_span_id: parent }) => parent === undefined || !known.has(parent)) ?? spans[0];
  const [first] = spans;
  if (root === undefined || first === undefined) return [];
  const endedMs = Math.max(...spans.map(({ timestamp, duration_ms }) => timestamp - first.timestamp + duration_ms));
  return [
    {
      trace_id: root.trace_id,
      name: root.name,
      service: root.service,
      started_at: formatTimestamp(first.timestamp),
      duration_ms: endedMs,
      spans: spans.length,
      errors: spans.filter(({ status }) => status === 'error').length,
      services: [...new Set(spans.map(({ service }) => service))].sort(),
    },
  ];
}
