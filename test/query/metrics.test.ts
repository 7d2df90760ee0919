import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aMetric, NOON } from '../fixtures/samples.ts';
import { queryApp } from './query-app.ts';

test('names and sources, in a range and of a service', async (t) => {
  const app = await queryApp(t);
  await app.store.append('metric', [
    aMetric({ name: 'mem' }),
    aMetric({ name: 'cpu' }),
    aMetric({ name: 'cpu', service: 'gate', timestamp: NOON - 7_200_000 }),
  ]);
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['/api/metrics/names', ['cpu', 'mem']],
    ['/api/metrics/names?service=gate', ['cpu']],
    ['/api/metrics/sources', ['gate', 'pay']],
    ['/api/metrics/sources?from=now-1h', ['pay']],
    ['/api/metrics/sources?to=now-3h', []],
  ];
  for (const [path, data] of rows) assert.deepEqual(await app.get(path), { data }, path);
  assert.equal((await app.refused('/api/metrics/names?name=x')).field, 'name');
});
