import { FormatRegistry } from '@sinclair/typebox';

// YYYY-MM-DDTHH:MM:SS, then a fraction, then Z or an offset. Lower case and a space instead of T are allowed by RFC 3339.
const SHAPE = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * RFC 3339 text to milliseconds since the epoch; NaN when it is not RFC 3339 or names no real moment (February 30).
 * Digits below the millisecond are cut. A leap second counts as the last millisecond before it.
 */
export function parseTimestamp(text: string): number {
  // The common case, `2026-02-14T10:30:00.123Z`: V8's own parser is strict about it and needs no regular expression.
  const parts = SHAPE.exec(text);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour, zoneMinute] = parts;
  const seconds = Number(second);
  if (Number(hour) > 23 || Number(minute) > 59 || seconds > 60) return Number.NaN;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const date = new Date(midnight);
  if (date.getUTCMonth() + 1 !== Number(month) || date.getUTCDate() !== Number(day)) return Number.NaN;
  const millis = seconds === 60 ? 59_999 : seconds * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
  const local = midnight + Number(hour) * 3_600_000 + Number(minute) * 60_000 + millis;
  if (sign === undefined) return local;
  if (Number(zoneHour) > 23 || Number(zoneMinute) > 59) return Number.NaN;
  const offset = Number(zoneHour) * 3_600_000 + Number(zoneMinute) * 60_000;
  return sign === '+' ? local - offset : local + offset;
}

/** Milliseconds since the epoch to RFC 3339 in UTC. */
export function formatTimestamp(ms: number): string {
  return new Date(ms).toISOString();
}

FormatRegistry.Set('date-time', (text) => !Number.isNaN(parseTimestamp(text)));
