import { useMemo } from 'react';
import { dayAndMinute, parseMoment } from '../lib/time.ts';
import { type UrlParams, useUrlState } from '../lib/url-state.ts';

export const RANGES = [
  { from: 'now-15m', label: 'Last 15 minutes', short: '15 min' },
  { from: 'now-1h', label: 'Last hour', short: '1 h' },
  { from: 'now-6h', label: 'Last 6 hours', short: '6 h' },
  { from: 'now-24h', label: 'Last 24 hours', short: '24 h' },
  { from: 'now-7d', label: 'Last 7 days', short: '7 d' },
  { from: 'now-30d', label: 'Last 30 days', short: '30 d' },
] as const;
const DEFAULT_FROM = 'now-1h';

/** A range as the API takes it. Without `to` it ends now, and moves. */
export interface Range {
  readonly from: string;
  readonly to?: string;
}

export function readRange({ from, to }: UrlParams): Range {
  return { from: from ?? DEFAULT_FROM, ...(to !== undefined && { to }) };
}

/** The range of the address, and how to set it. Choosing one is a step that the back button undoes. */
export function useRange() {
  const { params, change } = useUrlState();
  const { from, to } = params;
  const range = useMemo(() => readRange({ from, to }), [from, to]);
  return { range, setRange: (next: Range) => change({ from: next.from, to: next.to }, { step: true }) };
}

/** Its ends in milliseconds, at this moment. */
export function endsOf({ from, to }: Range, now = Date.now()): { readonly from: number; readonly to: number } {
  const end = (to === undefined ? undefined : parseMoment(to, now)) ?? now;
  return { from: parseMoment(from, now) ?? end - 3_600_000, to: end };
}

export function describeRange(range: Range): string {
  const known = RANGES.find(({ from }) => from === range.from);
  if (known !== undefined && range.to === undefined) return known.label;
  const { from, to } = endsOf(range);
  return `${dayAndMinute(from)} – ${range.to === undefined ? 'now' : dayAndMinute(to)}`;
}
