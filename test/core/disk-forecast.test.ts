import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DiskUse, diskForecast } from '../../src/core/disk-forecast.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.UTC(2026, 1, 14, 12);
const MB = 1e6;
const KEPT = { log: 30 * DAY_MS, metric: 30 * DAY_MS, security: 90 * DAY_MS, heartbeat: 30 * DAY_MS, span: 7 * DAY_MS };
const NOTHING = { log: [], metric: [], security: [], heartbeat: [], span: [] };

const day = (ago: number) => new Date(NOW - ago * DAY_MS).toISOString().slice(0, 10);

/** Logs that took `mb` a day for `days` whole days before this one, and half of it so far today. */
function use(days: number, mb: number, freeBytes: number, own: Partial<DiskUse['days']> = {}): DiskUse {
  const before = Array.from({ length: days }, (_, index) => ({ day: day(days - index), bytes: mb * MB }));
  const log = [...before, { day: day(0), bytes: (mb / 2) * MB }];
  const bytes = [...log, ...Object.values(own).flat()].reduce((sum, { bytes }) => sum + bytes, 5 * MB);
  const since = Math.floor((NOW - days * DAY_MS) / DAY_MS) * DAY_MS;
  return { bytes, freeBytes, totalBytes: 1000 * MB, since, days: { ...NOTHING, log, ...own } };
}

const forecast = (given: DiskUse, kept = KEPT) => diskForecast(given, kept, NOW);

test('growth is what a day added in the last week', () => {
  assert.equal(forecast(use(10, 10, 1e12)).bytesPerDay, 10 * MB);
  assert.equal(forecast(use(2, 10, 1e12)).bytesPerDay, 10 * MB, 'or in the days there are');
  const grown = use(20, 10, 1e12);
  const older = grown.days.log.map((each) => (each.day < day(7) ? { ...each, bytes: 900 * MB } : each));
  assert.equal(
    forecast({ ...grown, days: { ...grown.days, log: older } }).bytesPerDay,
    10 * MB,
    'older days say nothing',
  );
});

test('before an hour has been seen nothing is said of it', () => {
  const begun = { ...use(0, 10, 1e12), since: NOW - HOUR_MS / 2 };
  assert.deepEqual(
    { ...forecast(begun), bytes: 0 },
    { bytes: 0, freeBytes: 1e12, totalBytes: 1000 * MB, bytesPerDay: null, daysLeft: null, settlesAtBytes: null },
  );
  const anHour = forecast({ ...begun, since: NOW - HOUR_MS });
  assert.equal(anHour.bytesPerDay, 5 * MB * 24);
});

test('a disk with too little room is full in so many days', () => {
  for (const [free, days] of [
    [100 * MB, 10],
    [105 * MB, 10],
    [9 * MB, 0],
    [0, 0],
  ] as const) {
    const { daysLeft, settlesAtBytes } = forecast(use(3, 10, free));
    assert.deepEqual([daysLeft, settlesAtBytes], [days, null], `${free}`);
  }
});

test('what retention deletes in time makes room', () => {
  // Of 30 days and the one that is not wholly due yet, 10 MB each, beside 5 MB of other things.
  const { daysLeft, settlesAtBytes } = forecast(use(3, 10, 400 * MB));
  assert.deepEqual([daysLeft, settlesAtBytes], [null, (31 * 10 + 5) * MB]);
  assert.equal(forecast(use(40, 10, 1 * MB)).daysLeft, null, 'a store that has settled does not grow');
});

test('each kind is kept as long as it is kept', () => {
  const span = [0, 1, 2, 3].map((ago) => ({ day: day(ago), bytes: ago === 0 ? 50 * MB : 100 * MB }));
  const { settlesAtBytes, bytesPerDay } = forecast(use(3, 10, 1e12, { span }));
  assert.equal(bytesPerDay, 110 * MB);
  assert.equal(settlesAtBytes, (31 * 10 + 8 * 100 + 5) * MB);
});
