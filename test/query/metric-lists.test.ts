import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aMetric, NOON } from '../fixtures/samples.ts';
import { queryApp } from './query-app.ts';

async function filledApp(t: Parameters<typeof queryApp>[0]) {
  const app = await queryApp(t);
  await app.store.append('metric', [
    aMetric({ value: 1, timestamp: NOON - 5000 }),
    aMetric({ value: 2, timestamp: NOON - 1000 }),
    aMetric({ value: 9, host: 'h1', timestamp: NOON - 3000 }),
    aMetric({ value: 3, service: 'gw', name: 'a' }),
    aMetric({ value: 99, name: 'old', timestamp: NOON - 2 * 86_400_000 }),
  ]);
  return app;
}

test('the newest value of each metric, service and host, of the last day unless a range is given', async (t) => {
  const app = await filledApp(t);
  const cpu = { name: 'cpu_usage', service: 'pay' };
  assert.deepEqual(await app.get('/api/metrics/latest'), {
    data: [
      { name: 'a', service: 'gw', host: null, value: 3, timestamp: '2026-01-15T12:00:00.000Z' },
      { ...cpu, host: null, value: 2, timestamp: '2026-01-15T11:59:59.000Z' },
      { ...cpu, host: 'h1', value: 9, timestamp: '2026-01-15T11:59:57.000Z' },
    ],
    total: 3,
    page: 1,
    limit: 50,
  });
  const page = await app.get<{ data: { host: string }[]; total: number }>('/api/metrics/latest?limit=1&page=3');
  assert.deepEqual([page.data[0]?.host, page.total], ['h1', 3]);
  assert.equal((await app.get<{ total: number }>('/api/metrics/latest?from=now-30d&name=old')).total, 1);
});

test('statistics by name', async (t) => {
  const app = await filledApp(t);
  const { data, total } = await app.get<{ data: unknown[]; total: number }>('/api/metrics/stats?service=pay');
  assert.equal(total, 1);
  assert.deepEqual(data, [
    {
      name: 'cpu_usage',
      count: 3,
      avg: 4,
      min: 1,
      max: 9,
      sum: 12,
      last: 2,
      last_seen: '2026-01-15T11:59:59.000Z',
    },
  ]);
  for (const route of ['latest', 'stats']) {
    assert.equal((await app.refused(`/api/metrics/${route}?fn=avg`)).field, 'fn');
    assert.equal((await app.refused(`/api/metrics/${route}?name=a&name=b`)).field, 'name');
  }
});
