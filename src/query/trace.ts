import type { FastifyRequest } from 'fastify';
import type { Kind, WireEvent } from '../../schemas/event.ts';
import { type StoredEvent, toWire } from '../core/event.ts';
import { equals } from '../core/filter.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import { LightwatchError } from '../errors.ts';
import type { ModuleContext } from '../http/module.ts';
import type { ReadOptions, Store } from '../store/store.ts';
import { asked } from './asking.ts';

/** Events of one answer: no page could show more, and a trace id that a sender never changes would be endless. */
const MAX_TRACE_EVENTS = 5_000;

const KINDS_OF_A_TRACE = ['log', 'metric', 'security', 'span'] as const;
type TraceKind = (typeof KINDS_OF_A_TRACE)[number];

type Kinded<K extends TraceKind = TraceKind> = { [T in K]: { readonly kind: T; readonly event: StoredEvent<T> } }[K];

/** Answers `GET /api/traces/:trace_id`: one timeline of everything that carries the id. */
export function traceTimeline({ store, clock }: ModuleContext) {
  return async (request: FastifyRequest<{ Params: { trace_id: string } }>) => {
    const { trace_id } = request.params;
    const found = await asked(request, clock, (options) =>
      Promise.all(KINDS_OF_A_TRACE.map((kind) => eventsOf(store, kind, trace_id, options))),
    );
    const all = found.flat().sort((a, b) => a.event.timestamp - b.event.timestamp);
    const shown = all.slice(0, MAX_TRACE_EVENTS);
    const [first] = shown;
    if (first === undefined) throw new LightwatchError('LW_NOT_FOUND', 'nothing carries this trace id');
    // Counted from the first millisecond: since the epoch a number has no room for nanoseconds.
    const base = first.event.timestamp;
    const startedMs = shown.reduce((start, entry) => Math.min(start, startOf(entry, base)), Number.POSITIVE_INFINITY);
    const endedMs = shown.reduce((end, entry) => Math.max(end, endOf(entry, base)), 0);
    return {
      trace_id,
      started_at: formatTimestamp(base),
      duration_ms: Math.round((endedMs - startedMs) * 1e6) / 1e6,
      services: [...new Set(shown.map(({ event }) => event.service))].sort(),
      data: shown.map(kindedWire),
      truncated: all.length > shown.length,
    };
  };
}

async function eventsOf<K extends TraceKind>(
  store: Store,
  kind: K,
  traceId: string,
  options: ReadOptions,
): Promise<Kinded[]> {
  const found: Kinded[] = [];
  const query = { kind, where: equals('trace_id', traceId), order: 'asc', limit: MAX_TRACE_EVENTS + 1 } as const;
  for await (const batch of store.scan<TraceKind>(query, options))
    for (const event of batch) found.push({ kind, event } as Kinded);
  return found;
}

/** A span's own kind stands aside for what it is: `span_kind`. */
function kindedWire(entry: Kinded): WireEvent<TraceKind> & { kind: TraceKind } {
  const wire: WireEvent<Kind> = toWire(entry.event);
  if (entry.kind !== 'span') return { kind: entry.kind, ...wire } as ReturnType<typeof kindedWire>;
  const { kind: span_kind, ...span } = wire as WireEvent<'span'>;
  return { kind: 'span', ...span, ...(span_kind !== undefined && { span_kind }) } as unknown as ReturnType<
    typeof kindedWire
  >;
}

/** In milliseconds since `base`, as exact as it was sent. */
function startOf({ kind, event }: Kinded, base: number): number {
  return event.timestamp - base + (kind === 'span' ? belowMs(event.start) : 0);
}

function endOf(entry: Kinded, base: number): number {
  return startOf(entry, base) + (entry.kind === 'span' ? entry.event.duration_ms : 0);
}

/** What a time says below the millisecond, in milliseconds. */
function belowMs(time: string): number {
  const digits = /\.\d{3}(\d+)/.exec(time)?.[1];
  return digits === undefined ? 0 : Number(`0.${digits}`);
}
