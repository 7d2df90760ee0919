import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorTrend } from '../../schemas/query.ts';
import { aLog, NOON } from '../fixtures/samples.ts';
import { queryApp } from './query-app.ts';

const MINUTE_MS = 60_000;

test('a bare array of errors in time, zeros where there are none', async (t) => {
  const app = await queryApp(t);
  app.clock.advance(30_000);
  await app.store.append('log', [
    aLog({ level: 'error', timestamp: NOON - MINUTE_MS }),
    aLog({ level: 'fatal', timestamp: NOON - 1 }),
    aLog({ level: 'warn' }),
    aLog({ level: 'error', service: 'gate', timestamp: NOON + 1 }),
    aLog({ level: 'error', timestamp: NOON - 59 * MINUTE_MS }),
    aLog({ level: 'error', timestamp: NOON - 59 * MINUTE_MS - 1 }),
  ]);
  const trend = await app.get<ErrorTrend>('/api/metrics/errors?service=pay&range=1h');
  assert.equal(trend.length, 60);
  assert.deepEqual(
    trend.filter(({ count }) => count > 0),
    [
      { time: '2026-01-15T11:01:00.000Z', count: 1 },
      { time: '2026-01-15T11:59:00.000Z', count: 2 },
    ],
  );
  assert.deepEqual(trend.at(-1), { time: '2026-01-15T12:00:00.000Z', count: 0 });
  assert.equal((await app.get<ErrorTrend>('/api/metrics/errors?range=1h')).at(-1)?.count, 1);
});

test('each range has its buckets', async (t) => {
  const app = await queryApp(t);
  const rows = [
    ['1h', 60],
    ['24h', 288],
    ['7d', 168],
    ['30d', 120],
    ['3m', 90],
    ['6m', 180],
    ['1y', 53],
  ] as const;
  for (const [range, buckets] of rows) {
    assert.equal((await app.get<ErrorTrend>(`/api/metrics/errors?range=${range}`)).length, buckets, range);
  }
  assert.equal((await app.get<ErrorTrend>('/api/metrics/errors')).length, 288);
});

test('what makes no sense is refused by name', async (t) => {
  const app = await queryApp(t);
  for (const [params, want] of [
    ['range=2h', 'range'],
    ['range=1h&range=1h', 'range'],
    ['level=error', 'level'],
    ['service=', 'service'],
  ] as const) {
    assert.equal((await app.refused(`/api/metrics/errors?${params}`)).field, want, params);
  }
});
