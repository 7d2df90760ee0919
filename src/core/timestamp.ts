import { FormatRegistry } from '@sinclair/typebox';

// A date, T, a time, perhaps a fraction, then Z or an offset. RFC 3339 allows lower case, and a space instead of T.
const SHAPE = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

// What RFC 3339 can say again in UTC: an offset can lead out of its four digits of a year.
const EARLIEST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

// A time is checked by the schema and then read: the second question about the same text is answered from here.
let lastText = '';
let lastMs = Number.NaN;

/**
 * RFC 3339 text to milliseconds since the epoch; NaN when it is not RFC 3339 or names no real moment (February 30).
 * Digits below the millisecond are cut. A leap second counts as the last millisecond before it.
 */
export function parseTimestamp(text: string): number {
  if (text !== lastText) {
    lastMs = isPlain(text) ? parsePlain(text) : parseAny(text);
    lastText = text;
  }
  return lastMs;
}

/** Milliseconds since the epoch to RFC 3339 in UTC. */
export function formatTimestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** `2026-02-14T10:30:00.123Z`, by its length and marks: what nearly every sender writes. */
function isPlain(text: string): boolean {
  return (
    text.length === 24 &&
    text.charCodeAt(4) === 0x2d &&
    text.charCodeAt(7) === 0x2d &&
    text.charCodeAt(10) === 0x54 &&
    text.charCodeAt(13) === 0x3a &&
    text.charCodeAt(16) === 0x3a &&
    text.charCodeAt(19) === 0x2e &&
    text.charCodeAt(23) === 0x5a
  );
}

function parsePlain(text: string): number {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  return moment(year, month, day, hour, minute, second, digits(text, 20, 23));
}

/** The number that the characters from `start` to `end` spell; NaN when one is no digit. */
function digits(text: string, start: number, end: number): number {
  let number = 0;
  for (let index = start; index < end; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

function parseAny(text: string): number {
  const parts = SHAPE.exec(text);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour = '0', zoneMinute = '0'] = parts;
  const millis = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const local = moment(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second), millis);
  if (Number(zoneHour) > 23 || Number(zoneMinute) > 59) return Number.NaN;
  const offset = Number(zoneHour) * 3_600_000 + Number(zoneMinute) * 60_000;
  const ms = sign === '-' ? local + offset : local - offset;
  return ms >= EARLIEST_MS && ms <= LATEST_MS ? ms : Number.NaN;
}

function moment(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  millis: number,
): number {
  // Each comparison is false for NaN.
  if (
    !(month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month) && hour <= 23 && minute <= 59 && second <= 60)
  ) {
    return Number.NaN;
  }
  const time = second === 60 ? 59_999 : second * 1000 + millis;
  // Date.UTC takes the years 0 to 99 for the twentieth century.
  const midnight =
    year > 99 ? Date.UTC(year, month - 1, day) : Date.UTC(year + 400, month - 1, day) - DAYS_IN_400_YEARS * 86_400_000;
  return midnight + hour * 3_600_000 + minute * 60_000 + time;
}

const DAYS_IN_400_YEARS = 146_097;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysOf(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (DAYS[month - 1] ?? 0);
}

FormatRegistry.Set('date-time', (text) => !Number.isNaN(parseTimestamp(text)));
