import { parseTimestamp } from '../core/timestamp.ts';

const DAY_MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Moments outside these years are some other number: an uptime, a duration, garbage. */
const EARLIEST_MS = Date.UTC(1980, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

const ISO = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?(?![\d.:])/;
const SYSLOG = /^(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.\d+)?(?!\S)/;
/** Of web servers' access logs, after the client's address: `[16/Oct/2026:23:04:01 +0000]`. */
const ACCESS =
  /\[(\d\d)\/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)\]/;
/** An access log's address and user names stand before its time. */
const ACCESS_WITHIN = 200;

/**
 * The moment at the start of a log line, in milliseconds since the epoch: RFC 3339, the same without a zone (this
 * machine's), syslog's `Oct 16 23:04:01` (the latest such moment that is not in the future), or an access log's.
 */
export function leadingMoment(line: string, now: number): number | undefined {
  const start = line.startsWith('[') ? line.slice(1, 48) : line.slice(0, 48);
  const iso = ISO.exec(start);
  if (iso !== null) return isoMoment(iso);
  const syslog = SYSLOG.exec(start.replace(/^<\d{1,3}>/, ''));
  if (syslog !== null) return syslogMoment(syslog, now);
  const access = ACCESS.exec(line.slice(0, ACCESS_WITHIN));
  if (access === null) return undefined;
  const [, day, month = '', year, time, hours, minutes] = access;
  return plausible(parseTimestamp(`${year}-${monthNumber(month)}-${day}T${time}${hours}:${minutes}`));
}

/** A moment out of a JSON field: RFC 3339 or the like, or a number of seconds, milli-, micro- or nanoseconds. */
export function momentOf(value: unknown): number | undefined {
  if (typeof value === 'number') return plausible(epochMs(value));
  if (typeof value !== 'string') return undefined;
  if (/^\d{9,19}(\.\d+)?$/.test(value)) return plausible(epochMs(Number(value)));
  const iso = ISO.exec(value);
  return iso !== null && iso[0].length === value.length ? isoMoment(iso) : undefined;
}

function epochMs(value: number): number {
  if (value < 1e11) return Math.trunc(value * 1000);
  if (value < 1e14) return Math.trunc(value);
  return Math.trunc(value < 1e17 ? value / 1e3 : value / 1e6);
}

function isoMoment([, day = '', time = '', fraction = '', zone]: RegExpExecArray): number | undefined {
  const text = `${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}`;
  if (zone === undefined) {
    // Without a zone it is local time, which is what the machine's own programs write.
    const real = !Number.isNaN(parseTimestamp(`${text}Z`));
    return real ? plausible(new Date(text).getTime()) : undefined;
  }
  if (!/\d/.test(zone)) return plausible(parseTimestamp(`${text}Z`));
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return plausible(parseTimestamp(`${text}${zone.slice(0, 1)}${digits.slice(0, 2)}:${digits.slice(2)}`));
}

function syslogMoment([, month = '', day, hour, minute, second]: RegExpExecArray, now: number): number | undefined {
  const clock = [Number(hour), Number(minute), Number(second)] as const;
  if (clock[0] > 23 || clock[1] > 59 || clock[2] > 60) return undefined;
  const year = new Date(now).getFullYear();
  const inYear = (wanted: number) => new Date(wanted, MONTHS.indexOf(month), Number(day), ...clock);
  // A day ahead may be a clock that is a little off; more is last year's line.
  const moment = inYear(year).getTime() > now + DAY_MS ? inYear(year - 1) : inYear(year);
  return moment.getDate() === Number(day) ? plausible(moment.getTime()) : undefined;
}

function monthNumber(name: string): string {
  return String(MONTHS.indexOf(name) + 1).padStart(2, '0');
}

function plausible(ms: number): number | undefined {
  return ms >= EARLIEST_MS && ms < LATEST_MS ? ms : undefined;
}
