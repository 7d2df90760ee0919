import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { learnRhythm, MIN_PAUSES } from '../../src/core/rhythm.ts';

/** Moments with these pauses between them, in seconds. */
function moments(pauses: readonly number[]): number[] {
  let now = Date.UTC(2026, 0, 15, 12);
  return [now, ...pauses.map((seconds) => (now += seconds * 1000))];
}
const times = (count: number, value: number) => Array.from({ length: count }, () => value);

test('nothing is learnt from too little', () => {
  assert.equal(learnRhythm([]), undefined);
  assert.equal(learnRhythm(moments(times(MIN_PAUSES - 1, 30))), undefined);
  assert.deepEqual(learnRhythm(moments(times(MIN_PAUSES, 30))), {
    intervalMs: 30_000,
    deadlineMs: 90_000,
    samples: MIN_PAUSES,
  });
});

test('an outage in the history is not taken for a habit, a pause that comes again is', () => {
  const rows: [readonly number[], number][] = [
    // Two lost ones are forgiven, whatever the interval.
    [times(100, 10), 30],
    [times(100, 3600), 3 * 3600],
    // One outage of a day.
    [[...times(60, 30), 86_400, ...times(60, 30)], 90],
    // A job that takes 20 minutes more every tenth time.
    [Array.from({ length: 200 }, (_, index) => (index % 10 === 0 ? 1800 : 600)), 2700],
    // Bursts: no rhythm to hold anyone to, and a bound all the same.
    [times(200, 0), 10],
  ];
  for (const [pauses, seconds] of rows) assert.equal(learnRhythm(moments(pauses))?.deadlineMs, seconds * 1000);
});

test('who keeps to his rhythm, however uneven, is never silent by it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3600 }),
      fc.array(fc.double({ min: 0.5, max: 1.5, noNaN: true }), { minLength: 20, maxLength: 300 }),
      (interval, jitter) => {
        const rhythm = learnRhythm(moments(jitter.map((factor) => factor * interval)));
        assert.ok(rhythm !== undefined && rhythm.deadlineMs >= 1.5 * interval * 1000 - 1);
      },
    ),
  );
});
