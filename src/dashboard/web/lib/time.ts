const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const UNITS: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

const parts = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', options);
const DAY = parts({ day: 'numeric', month: 'short' });
const DAY_AND_YEAR = parts({ day: 'numeric', month: 'short', year: 'numeric' });

const twoDigits = (value: number) => (value < 10 ? `0${value}` : `${value}`);
const millis = (time: number) => String(((time % 1000) + 1000) % 1000).padStart(3, '0');

// Written out by hand: a list of logs formats hundreds of them in a frame, and `Intl` takes long.
function minutes(date: Date): string {
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

/** `14:03:07` in the zone of whoever looks. */
export function clockTime(time: number): string {
  const date = new Date(time);
  return `${minutes(date)}:${twoDigits(date.getSeconds())}`;
}
/** `14:03:07.123`. */
export const preciseTime = (time: number) => `${clockTime(time)}.${millis(time)}`;
/** `24 Nov`, or `24 Nov 2025` when the year is another. */
export function day(time: number, now = Date.now()): string {
  return new Date(time).getFullYear() === new Date(now).getFullYear() ? DAY.format(time) : DAY_AND_YEAR.format(time);
}
/** `24 Nov 14:03`. */
export const dayAndMinute = (time: number) => `${day(time)} ${minutes(new Date(time))}`;
/** `24 Nov 14:03:07`. */
export const dayAndTime = (time: number) => `${day(time)} ${clockTime(time)}`;
/** `14:03:07.123` of today, `23 Nov 14:03:07` of another day. */
export function rowTime(time: number, now = Date.now()): string {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  return time >= midnight && time < midnight + DAY_MS ? preciseTime(time) : dayAndTime(time);
}
/** `2026-11-24 13:03:07.123 UTC`. */
export const utc = (time: number) => `${new Date(time).toISOString().replace('T', ' ').replace('Z', '')} UTC`;

/** `just now`, `42 s`, `3 min`, `5 h`, `12 d`: how long ago, in one unit. */
export function ago(time: number, now = Date.now()): string {
  const ms = Math.max(0, now - time);
  if (ms < 2 * SECOND_MS) return 'now';
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

/** `850 µs`, `12.3 ms`, `4.2 s`, `3 min 12 s`: a length of time. */
export function duration(ms: number): string {
  if (ms === 0) return '0 ms';
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  if (ms < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(ms < 10 * SECOND_MS ? 2 : 1)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ${Math.round((ms % MINUTE_MS) / SECOND_MS)} s`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ${Math.round((ms % HOUR_MS) / MINUTE_MS)} min`;
  return `${Math.floor(ms / DAY_MS)} d ${Math.round((ms % DAY_MS) / HOUR_MS)} h`;
}

/** The same without parts of a second: how long something has been so. */
export const wholeDuration = (ms: number): string =>
  ms < MINUTE_MS ? `${Math.floor(ms / SECOND_MS)} s` : duration(Math.floor(ms / SECOND_MS) * SECOND_MS);

/** Milliseconds of `90s`, `5m`, `1h`, `7d`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const ms = UNITS[unit];
  return count === undefined || ms === undefined ? undefined : Number(count) * ms;
}

/** A moment as the API takes it, `now-1h` or RFC 3339, in milliseconds; undefined when it is neither. */
export function parseMoment(text: string, now = Date.now()): number | undefined {
  if (text === 'now') return now;
  const relative = /^now-(\d+[smhd])$/.exec(text)?.[1];
  if (relative !== undefined) return now - (parseDuration(relative) ?? 0);
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
