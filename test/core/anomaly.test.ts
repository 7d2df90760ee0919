import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviation, historyOf, MIN_HISTORY } from '../../src/core/anomaly.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOON = Date.UTC(2026, 0, 15, 12);
const times = (count: number, value: number) => Array.from({ length: count }, () => value);
/** 38, 40, 42 in turn: a mean of 40 and a standard deviation of 1.63. */
const WAVE = Array.from({ length: 60 }, (_, index) => 38 + (index % 3) * 2);

test('a z-score is the distance from the mean in standard deviations, to either side', () => {
  const high = deviation('zscore', 45, WAVE);
  assert.equal(high.usual, 40);
  assert.ok(Math.abs(high.spread - 1.633) < 0.001);
  assert.ok(Math.abs(high.score - 3.062) < 0.001);
  assert.equal(deviation('zscore', 35, WAVE).score, high.score);
  assert.equal(deviation('zscore', 40, WAVE).score, 0);
});

test('IQR counts from the quartiles, so that one outlier in the history changes little', () => {
  const history = [...WAVE, 100_000];
  assert.ok(deviation('zscore', 60, history).score < 1);
  const { score, usual, spread } = deviation('iqr', 60, history);
  assert.deepEqual([usual, spread, score], [40, 4, 4.5]);
  for (const value of [38, 40, 42]) assert.equal(deviation('iqr', value, history).score, 0);
});

test('a flat line is at no distance from itself, nor from a rounding error, and a jump from it is one', () => {
  for (const method of ['zscore', 'iqr', 'seasonal'] as const) {
    for (const level of [0, 0.1, 50, -3]) {
      const flat = times(60, level);
      assert.equal(deviation(method, level, flat).score < 1e-9, true, `${method} ${level}`);
      assert.ok(deviation(method, level * (1 + 1e-9), flat).score < 1e-6, `${method} ${level}`);
      assert.ok(deviation(method, level + 10, flat).score > 10, `${method} ${level}`);
    }
  }
});

test('the history of a window ends before it begins, and lies in whole steps', () => {
  for (const offset of [0, 1, 59_999, 123_456]) {
    const now = NOON + offset;
    const { from, to, stepMs, atLeast } = historyOf('zscore', 5 * MINUTE_MS, now);
    assert.deepEqual([stepMs, atLeast, from % stepMs, (to + 1) % stepMs], [5 * MINUTE_MS, MIN_HISTORY, 0, 0]);
    assert.equal((to + 1 - from) / stepMs, 60);
    assert.ok(to < now - 5 * MINUTE_MS + 1 && to >= now - 10 * MINUTE_MS);
  }
});

test('seasonal looks at the hour around this moment a week ago, in steps of five minutes at most', () => {
  const rows: [number, number][] = [
    [MINUTE_MS, MINUTE_MS],
    [5 * MINUTE_MS, 5 * MINUTE_MS],
    [HOUR_MS, 5 * MINUTE_MS],
  ];
  for (const [window, stepMs] of rows) {
    const history = historyOf('seasonal', window, NOON);
    assert.equal(history.stepMs, stepMs);
    assert.equal(history.from, NOON - 7 * 24 * HOUR_MS - HOUR_MS / 2);
    assert.equal(history.to, history.from + HOUR_MS - 1);
  }
});
