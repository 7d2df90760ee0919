import { formatDuration, parseDuration } from '../core/duration.ts';
import { FilterError } from '../core/filter-error.ts';
import { type TimeRange, timeRange } from '../core/time-range.ts';
import { bucketCount } from './buckets.ts';

/** The range when none is asked for: the last day. */
const DEFAULT_RANGE_MS = 86_400_000;

/** Widths to choose from, so that a chart has between about 30 and 100 buckets. */
const WIDTHS = ['1s', '5s', '10s', '30s', '1m', '5m', '10m', '30m', '1h', '3h', '6h', '12h', '1d', '7d', '30d'];
const AIM_BUCKETS = 100;

/** Buckets of one answer: more than a screen has columns to draw, and few enough to fill with zeros. */
const MAX_BUCKETS = 2100;

/** @throws FilterError */
export function closedRange(
  fromText: string | undefined,
  toText: string | undefined,
  now: number,
): Required<TimeRange> {
  const { to = now, from = to - DEFAULT_RANGE_MS } = timeRange(fromText, toText, now);
  if (from > to) throw new FilterError('from', 'must not be in the future when there is no to');
  return { from, to };
}

/**
 * The width of a range's buckets in milliseconds: what `text` asks for, or one that suits a chart.
 * @throws FilterError naming `field`
 */
export function bucketWidth(text: string | undefined, { from, to }: Required<TimeRange>, field: string): number {
  if (text === undefined) return widthFor(to - from);
  const stepMs = parseDuration(text);
  if (stepMs === undefined) throw new FilterError(field, 'must be a duration such as 10s, 1m or 1h');
  const buckets = bucketCount(from, to, stepMs);
  if (buckets <= MAX_BUCKETS) return stepMs;
  const enough = formatDuration(widthFor(to - from));
  throw new FilterError(
    field,
    `would make ${buckets} buckets of this range, and at most ${MAX_BUCKETS} are answered: ask for ${enough}, or bring from and to nearer together`,
  );
}

/** The narrowest width that keeps a range within what a chart can show; beyond the list, whole multiples of its last. */
function widthFor(rangeMs: number): number {
  const widths = WIDTHS.map((width) => parseDuration(width) ?? 0);
  const widest = widths.at(-1) ?? 0;
  return widths.find((width) => rangeMs <= width * AIM_BUCKETS) ?? Math.ceil(rangeMs / AIM_BUCKETS / widest) * widest;
}
