import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cronSchedule } from '../../src/alert/schedule.ts';
import { systemClock } from '../../src/core/clock.ts';

test('an interval that divides no minute is kept all the same, once each', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.UTC(2026, 0, 15, 12) });
  const beats: number[] = [];
  const { stop } = cronSchedule(
    7000,
    systemClock,
  )(async () => {
    beats.push(Date.now());
  });
  for (let ms = 0; ms < 60_000; ms += 250) {
    t.mock.timers.tick(250);
    // Cron runs its task in a microtask or two.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await stop();
  const intervals = beats.map((at) => Math.floor(at / 7000));
  assert.ok(beats.length === 8 || beats.length === 9, String(beats.length));
  intervals.forEach((interval, index) => {
    if (index > 0) assert.equal(interval, (intervals[index - 1] ?? 0) + 1);
  });
  const count = beats.length;
  t.mock.timers.tick(20_000);
  assert.equal(beats.length, count);
});
