import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FilterError } from '../../src/core/filter-error.ts';
import { timeRange } from '../../src/core/time-range.ts';
import { NOON } from '../fixtures/samples.ts';

test('moments are RFC 3339 or relative to now', () => {
  const rows: readonly (readonly [string, number])[] = [
    ['now', NOON],
    ['now-1h', NOON - 3_600_000],
    ['now-90s', NOON - 90_000],
    ['now-7d', NOON - 7 * 86_400_000],
    ['2026-01-15T12:00:00Z', NOON],
    ['2026-01-15T13:00:00.000+01:00', NOON],
  ];
  for (const [text, want] of rows) {
    assert.deepEqual(timeRange(text, undefined, NOON), { from: want }, text);
    assert.deepEqual(timeRange(undefined, text, NOON), { to: want }, text);
  }
  assert.deepEqual(timeRange(undefined, undefined, NOON), {});
  assert.deepEqual(timeRange('now', 'now', NOON), { from: NOON, to: NOON });
});

test('what makes no sense is refused by name', () => {
  const rows: readonly (readonly [from: string | undefined, to: string | undefined, field: string])[] = [
    ['', undefined, 'from'],
    ['yesterday', undefined, 'from'],
    ['1768478400000', undefined, 'from'],
    ['2026-01-15', undefined, 'from'],
    ['2026-01-15T12:00:00', undefined, 'from'],
    [undefined, 'now-', 'to'],
    [undefined, 'now-0s', 'to'],
    [undefined, 'now+1h', 'to'],
    [undefined, 'NOW', 'to'],
    ['now', 'now-1s', 'from'],
  ];
  for (const [from, to, field] of rows) {
    assert.throws(
      () => timeRange(from, to, NOON),
      (error) => error instanceof FilterError && error.field === field,
      `${from} ${to}`,
    );
  }
});
