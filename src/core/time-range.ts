import { parseDuration } from './duration.ts';
import { FilterError } from './filter-error.ts';
import { parseTimestamp } from './timestamp.ts';

/** From one moment to another, both included, in milliseconds since the epoch; open where one is missing. */
export interface TimeRange {
  readonly from?: number;
  readonly to?: number;
}

/**
 * A moment in milliseconds since the epoch: RFC 3339, `now`, or a duration before it such as `now-90s`.
 * @throws FilterError naming `field`
 */
function parseMoment(text: string, now: number, field: string): number {
  if (text === 'now') return now;
  const ago = text.startsWith('now-') ? parseDuration(text.slice('now-'.length)) : undefined;
  const moment = ago === undefined ? parseTimestamp(text) : now - ago;
  if (Number.isNaN(moment)) {
    throw new FilterError(
      field,
      'must be RFC 3339 with a zone, or relative such as now-1h (in a query string, a + is %2B)',
    );
  }
  return moment;
}

/** @throws FilterError for a moment that is none, and for `from` after `to` */
export function timeRange(from: string | undefined, to: string | undefined, now: number): TimeRange {
  const range: { from?: number; to?: number } = {};
  if (from !== undefined) range.from = parseMoment(from, now, 'from');
  if (to !== undefined) range.to = parseMoment(to, now, 'to');
  if (range.from !== undefined && range.to !== undefined && range.from > range.to) {
    throw new FilterError('from', 'must not be after to');
  }
  return range;
}
