import { formatTimestamp, parseTimestamp } from './timestamp.ts';

/** When a span was: its ends as RFC 3339 in UTC, as exact as they were sent, and how long it took. */
export interface SpanTimes {
  /** `start` in milliseconds since the epoch. */
  readonly timestamp: number;
  readonly start: string;
  readonly end: string;
  readonly duration_ms: number;
}

const NANOS_PER_MS = 1e6;

/** From RFC 3339 text that was checked; undefined when the end comes before the start. */
export function spanTimes(startText: string, endText: string): SpanTimes | undefined {
  const start = parseNanos(startText);
  const end = parseNanos(endText);
  const nanos = (end.ms - start.ms) * NANOS_PER_MS + (end.nanos - start.nanos);
  if (nanos < 0) return undefined;
  return { timestamp: start.ms, start: format(start), end: format(end), duration_ms: nanos / NANOS_PER_MS };
}

/** A moment in whole milliseconds since the epoch, and the nanoseconds after them. */
interface Nanos {
  readonly ms: number;
  readonly nanos: number;
}

function parseNanos(text: string): Nanos {
  const below = /\.\d{3}(\d{1,6})/.exec(text)?.[1] ?? '';
  return { ms: parseTimestamp(text), nanos: Number(below.padEnd(6, '0')) };
}

function format({ ms, nanos }: Nanos): string {
  const text = formatTimestamp(ms);
  if (nanos === 0) return text;
  return `${text.slice(0, -1)}${String(nanos).padStart(6, '0').replace(/0+$/, '')}Z`;
}
