const DAY_MS = 86_400_000;

/**
 * A reading of the clock on the wall: the milliseconds since the epoch at which a clock in UTC would show the same date
 * and time. What is added to it is added to the date and the hands, whatever the zone does meanwhile.
 */
export type WallTime = number;

/** Making one costs more than using it a hundred times. There are some 600 zones, so that this stays small. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const numbers = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const made = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', second: 'numeric', ...numbers });
  formats.set(zone, made);
  return made;
}

/** Whether a name such as `Europe/Berlin` is a time zone that this runtime knows. Offsets such as `+02:00` are none. */
export function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What the wall shows at a moment, to the second. */
export function wallTime(ms: number, zone: string): WallTime {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? Number.NaN;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/**
 * The moment at which the wall shows a time. Clocks that are put back show it twice: `occurrence` says which is meant.
 * Clocks that are put forward never show some times: then it is as much later as they were put forward.
 */
export function momentOf(wall: WallTime, zone: string, occurrence: 'first' | 'last'): number {
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((ms) => wallTime(ms, zone) - ms);
  const shown = offsets.map((offset) => wall - offset).filter((ms) => wallTime(ms, zone) === wall);
  if (shown.length > 0) return occurrence === 'first' ? Math.min(...shown) : Math.max(...shown);
  return wall - (offsets[0] ?? 0);
}

/** 0 for Sunday to 6 for Saturday. */
export function weekday(wall: WallTime): number {
  return new Date(wall).getUTCDay();
}

/** Midnight of the day that the wall shows. */
export function startOfDay(wall: WallTime): WallTime {
  return Math.floor(wall / DAY_MS) * DAY_MS;
}
