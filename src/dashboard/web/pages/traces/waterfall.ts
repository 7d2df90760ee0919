import type { Span, TraceItem } from '../../api/routes.ts';

/** A line of the waterfall: something that took time, or a moment. Milliseconds since the trace began. */
export interface WaterfallRow {
  readonly item: TraceItem;
  readonly depth: number;
  readonly startMs: number;
  readonly lengthMs: number;
}

/** Milliseconds, with what the sender said below one: `Date` knows none of it. */
export function exactMs(time: string): number {
  const fraction = /\.\d{3}(\d+)/.exec(time)?.[1];
  return Date.parse(time) + (fraction === undefined ? 0 : Number(`0.${fraction}`));
}

const startOf = (item: TraceItem) => exactMs(item.kind === 'span' ? item.start : item.timestamp);

/**
 * Everything of a trace as an indented list: a span below the one that called it, what was logged within a span below
 * that; siblings in the order of time. What names a parent that is not there stands at the top.
 */
export function waterfallOf(items: readonly TraceItem[], startedAt: number): readonly WaterfallRow[] {
  const spans = new Map(items.flatMap((item) => (item.kind === 'span' ? [[item.span_id, item] as const] : [])));
  const below = new Map<string | undefined, TraceItem[]>();
  for (const item of items) {
    const parent = parentOf(item, spans);
    below.set(parent, [...(below.get(parent) ?? []), item]);
  }
  const rows: WaterfallRow[] = [];
  const placed = new Set<TraceItem>();
  const place = (parent: string | undefined, depth: number) => {
    for (const item of (below.get(parent) ?? []).toSorted((a, b) => startOf(a) - startOf(b))) {
      if (placed.has(item)) continue;
      placed.add(item);
      const startMs = startOf(item) - startedAt;
      rows.push({ item, depth, startMs, lengthMs: item.kind === 'span' ? exactMs(item.end) - startOf(item) : 0 });
      if (item.kind === 'span') place(item.span_id, depth + 1);
    }
  };
  place(undefined, 0);
  // Spans that are each other's parents, which is nonsense, are shown all the same.
  for (const item of items) {
    if (placed.has(item)) continue;
    placed.add(item);
    rows.push({ item, depth: 0, startMs: startOf(item) - startedAt, lengthMs: 0 });
  }
  return rows;
}

function parentOf(item: TraceItem, spans: ReadonlyMap<string, Span>): string | undefined {
  const id = item.kind === 'span' ? item.parent_span_id : item.span_id;
  return id !== undefined && spans.has(id) && !(item.kind === 'span' && id === item.span_id) ? id : undefined;
}
