import { KINDS, type Kind } from '../../schemas/event.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Growth is that of the last week: it has every day of the week in it. */
const MEASURED_MS = 7 * DAY_MS;
/** What came in within a shorter time says nothing about a day. */
const LEAST_MEASURED_MS = HOUR_MS;

/** What a store takes of the disk that it lies on. Bytes; times in milliseconds since the epoch. */
export interface DiskUse {
  /** All of it: events, documents, what is not loaded yet. */
  readonly bytes: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** When the oldest day that is kept began to be written. */
  readonly since: number;
  /** Of each kind, the days of arrival (`2026-02-14`) with what they take. */
  readonly days: Readonly<Record<Kind, readonly DayUse[]>>;
}

export interface DayUse {
  readonly day: string;
  readonly bytes: number;
}

/** Null where it cannot be said: `bytesPerDay` before an hour has been seen, and with it all that follows from it. */
export interface DiskForecast {
  readonly bytes: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** What a day adds, at the pace of the last seven days or of what there is of them. */
  readonly bytesPerDay: number | null;
  /** Whole days until the disk is full at this pace; null when retention keeps that from happening. */
  readonly daysLeft: number | null;
  /** What it will take once retention deletes each day as much as comes in; null when the disk is full before. */
  readonly settlesAtBytes: number | null;
}

/**
 * How long the disk lasts when everything goes on as in the last week, and each kind is deleted when it is due.
 * @param keptMs how long events of each kind are kept
 */
export function diskForecast(use: DiskUse, keptMs: Readonly<Record<Kind, number>>, now: number): DiskForecast {
  const { bytes, freeBytes, totalBytes } = use;
  const base = { bytes, freeBytes, totalBytes };
  const from = Math.max(use.since, startOfDay(now - MEASURED_MS));
  const measuredMs = now - from;
  if (measuredMs < LEAST_MEASURED_MS) return { ...base, bytesPerDay: null, daysLeft: null, settlesAtBytes: null };
  const paces = KINDS.map((kind) => ({
    days: use.days[kind],
    // Whole days are deleted: the last one stays until all of it is due.
    keptDays: Math.ceil(keptMs[kind] / DAY_MS) + 1,
    bytesPerDay: (sum(use.days[kind].filter(({ day }) => Date.parse(day) + DAY_MS > from)) * DAY_MS) / measuredMs,
  }));
  const others = bytes - paces.reduce((all, { days }) => all + sum(days), 0);
  const sizeAfter = (daysOn: number) =>
    paces.reduce((all, { days, keptDays, bytesPerDay }) => {
      const left = days.filter(({ day }) => ageInDays(day, now) + daysOn < keptDays);
      return all + sum(left) + bytesPerDay * Math.min(daysOn, keptDays);
    }, others);
  const settlesAfter = Math.max(...paces.map(({ keptDays }) => keptDays));
  const full = bytes + freeBytes;
  let daysLeft: number | null = null;
  for (let day = 1; day <= settlesAfter && daysLeft === null; day++) if (sizeAfter(day) > full) daysLeft = day - 1;
  return {
    ...base,
    bytesPerDay: Math.round(paces.reduce((all, { bytesPerDay }) => all + bytesPerDay, 0)),
    daysLeft,
    settlesAtBytes: daysLeft === null ? Math.round(sizeAfter(settlesAfter)) : null,
  };
}

const sum = (days: readonly DayUse[]) => days.reduce((all, { bytes }) => all + bytes, 0);
const startOfDay = (time: number) => Math.floor(time / DAY_MS) * DAY_MS;
const ageInDays = (day: string, now: number) => (startOfDay(now) - Date.parse(day)) / DAY_MS;
