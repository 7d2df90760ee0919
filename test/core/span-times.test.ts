import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spanTimes } from '../../src/core/span-times.ts';

test('the ends of a span in UTC, as exact as they were sent, and what lies between', () => {
  const rows: readonly [start: string, end: string, want: readonly [string, string, number]][] = [
    ['2026-01-15T12:00:00Z', '2026-01-15T12:00:01Z', ['2026-01-15T12:00:00.000Z', '2026-01-15T12:00:01.000Z', 1000]],
    ['2026-01-15T12:00:00Z', '2026-01-15T12:00:00Z', ['2026-01-15T12:00:00.000Z', '2026-01-15T12:00:00.000Z', 0]],
    [
      '2026-01-15T12:00:00.000001+01:00',
      '2026-01-15T12:00:00.001000001+01:00',
      ['2026-01-15T11:00:00.000001Z', '2026-01-15T11:00:00.001000001Z', 0.999001],
    ],
    [
      '1969-12-31T23:59:59.9999Z',
      '1970-01-01T00:00:00.0001Z',
      ['1969-12-31T23:59:59.9999Z', '1970-01-01T00:00:00.0001Z', 0.2],
    ],
    ['2026-01-15T12:00:00.1Z', '2026-01-15T12:00:00.12Z', ['2026-01-15T12:00:00.100Z', '2026-01-15T12:00:00.120Z', 20]],
  ];
  for (const [start, end, want] of rows) {
    const times = spanTimes(start, end);
    assert.deepEqual([times?.start, times?.end, times?.duration_ms], want);
    assert.equal(times?.timestamp, Math.floor(Date.parse(start)), start);
  }
});

test('a span that ends before it starts is none, by a nanosecond too', () => {
  assert.equal(spanTimes('2026-01-15T12:00:00.000000002Z', '2026-01-15T12:00:00.000000001Z'), undefined);
  assert.equal(spanTimes('2026-01-15T12:00:00Z', '2026-01-15T12:00:00+01:00'), undefined);
});
