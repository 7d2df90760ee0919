import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Patterns } from '../../schemas/analytics.ts';
import { aLog } from '../fixtures/samples.ts';
import { queryApp } from './query-app.ts';

test('what messages have in common, with counts, share, levels and an example', async (t) => {
  const app = await queryApp(t);
  await app.store.append('log', [
    aLog({ message: 'order 17 paid' }),
    aLog({ message: 'order 18 paid', level: 'warn' }),
    aLog({ message: 'order 19 paid' }),
    aLog({ message: 'cache miss' }),
    aLog({ message: 'not this', service: 'gate' }),
  ]);
  const { data, ...rest } = await app.get<Patterns>('/api/logs/patterns?service=pay');
  assert.deepEqual(rest, { read: 4, total: 4, exact: true });
  assert.deepEqual(
    data.map(({ example, ...pattern }) => pattern),
    [
      { pattern: 'order <num> paid', count: 3, share: 0.75, levels: { info: 2, warn: 1 } },
      { pattern: 'cache miss', count: 1, share: 0.25, levels: { info: 1 } },
    ],
  );
  assert.equal(data[0]?.example.message, 'order 19 paid');
  assert.equal((await app.get<Patterns>('/api/logs/patterns?limit=1')).data.length, 1);
  assert.deepEqual(await app.get('/api/logs/patterns?service=absent'), { data: [], read: 0, total: 0, exact: true });
  assert.equal((await app.refused('/api/logs/patterns?fields=level')).field, 'fields');
});

test('of many logs the newest are read, and the answer says so', async (t) => {
  const app = await queryApp(t);
  const many = (message: string) => Array.from({ length: 30_000 }, () => aLog({ message }));
  await app.store.append('log', many('cache is warm'));
  app.clock.advance(1);
  await app.store.append('log', many('queue was drained'));
  const { data, ...rest } = await app.get<Patterns>('/api/logs/patterns');
  assert.deepEqual(rest, { read: 50_000, total: 60_000, exact: false });
  assert.deepEqual(
    data.map(({ count }) => count),
    [30_000, 20_000],
  );
});
