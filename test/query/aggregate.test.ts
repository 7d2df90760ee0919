import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aggregate } from '../../schemas/analytics.ts';
import type { AggregateQuery } from '../../src/store/store.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { aMetric, NOON } from '../fixtures/samples.ts';
import { queryApp } from './query-app.ts';

const MINUTE_MS = 60_000;

test('statistics of a metric in time, by group', async (t) => {
  const app = await queryApp(t);
  await app.store.append('metric', [
    aMetric({ value: 10, timestamp: NOON - 2 * MINUTE_MS, tags: { host: 'a' } }),
    aMetric({ value: 20, timestamp: NOON - 2 * MINUTE_MS, tags: { host: 'a' } }),
    aMetric({ value: 30, timestamp: NOON - 1, tags: { host: 'a' } }),
    aMetric({ value: 7, timestamp: NOON - 1, service: 'gw' }),
    aMetric({ name: 'other', value: 1000 }),
  ]);
  const url = '/api/metrics/aggregate?name=cpu_usage&fn=avg,max,count&step=1m&from=now-5m&group_by=service,tags.host';
  assert.deepEqual(await app.get(url), {
    name: 'cpu_usage',
    step: '1m',
    data: [
      {
        group: { service: 'pay', 'tags.host': 'a' },
        points: [
          { time: '2026-01-15T11:58:00.000Z', avg: 15, max: 20, count: 2 },
          { time: '2026-01-15T11:59:00.000Z', avg: 30, max: 30, count: 1 },
        ],
      },
      {
        group: { service: 'gw', 'tags.host': null },
        points: [{ time: '2026-01-15T11:59:00.000Z', avg: 7, max: 7, count: 1 }],
      },
    ],
    exact: true,
  });
});

test('without words: the average of the last day, in steps that suit a chart', async (t) => {
  const app = await queryApp(t);
  await app.store.append('metric', [
    aMetric({ value: 4 }),
    aMetric({ value: 8 }),
    aMetric({ timestamp: NOON - 2 * 86_400_000 }),
  ]);
  const { step, data } = await app.get<Aggregate>('/api/metrics/aggregate?name=cpu_usage');
  assert.deepEqual([step, data], ['30m', [{ group: {}, points: [{ time: '2026-01-15T12:00:00.000Z', avg: 6 }] }]]);
});

test('the rate of a counter', async (t) => {
  const app = await queryApp(t);
  await app.store.append(
    'metric',
    [0, 60, 30].map((value, minute) => aMetric({ value, timestamp: NOON - 3 * MINUTE_MS + minute * MINUTE_MS })),
  );
  const { data } = await app.get<Aggregate>('/api/metrics/aggregate?name=cpu_usage&fn=rate&step=1m&from=now-3m');
  assert.deepEqual(
    data[0]?.points.map((point) => ('rate' in point ? point.rate : undefined)),
    [undefined, 1, 0.5],
  );
});

test('only percentiles of long ranges may be estimates, and not if that is refused', async (t) => {
  const store = memoryStore();
  const asked: AggregateQuery[] = [];
  const app = await queryApp(t, {
    ...store,
    aggregate: (query) => {
      asked.push(query);
      return store.aggregate(query);
    },
  });
  for (const query of ['', '&from=now-7d&step=5m', '&from=now-7d&exact=true'])
    await app.get(`/api/metrics/aggregate?name=cpu&fn=p95${query}`);
  assert.deepEqual(
    asked.map(({ approximate }) => approximate),
    [false, true, false],
  );
});

test('what makes no sense is refused by name', async (t) => {
  const app = await queryApp(t);
  await app.store.append(
    'metric',
    Array.from({ length: 501 }, (_, index) => aMetric({ tags: { k: `${index}` } })),
  );
  const rows: readonly (readonly [string, string])[] = [
    ['fn=avg', 'name'],
    ['name=', 'name'],
    ['name=a&name=b', 'name'],
    ['name=cpu_usage&fn=median', 'fn'],
    ['name=cpu_usage&fn=avg,', 'fn'],
    ['name=cpu_usage&step=1s', 'step'],
    ['name=cpu_usage&step=soon', 'step'],
    ['name=cpu_usage&group_by=value', 'group_by'],
    ['name=cpu_usage&group_by=tags.k', 'group_by'],
    ['name=cpu_usage&exact=yes', 'exact'],
    ['name=cpu_usage&level=error', 'level'],
    ['name=cpu_usage&page=1', 'page'],
  ];
  for (const [params, field] of rows) {
    const refusal = await app.refused(`/api/metrics/aggregate?${params}`);
    assert.equal(refusal.field, field, `${params}: ${refusal.message}`);
  }
});
