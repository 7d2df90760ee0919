import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aLog } from '../fixtures/samples.ts';
import { queryApp } from './query-app.ts';

test('the most frequent values of fields, of what the filters let through', async (t) => {
  const app = await queryApp(t);
  await app.store.append('log', [
    aLog({ tags: { region: 'eu' } }),
    aLog({ tags: { region: 'eu' }, level: 'error' }),
    aLog({ tags: { region: 'us' }, host: 'h1' }),
    aLog({ service: 'gate' }),
  ]);
  assert.deepEqual(await app.get('/api/logs/facets?service=pay&fields=level,host,tags.region'), {
    data: {
      level: [
        { value: 'info', count: 2 },
        { value: 'error', count: 1 },
      ],
      host: [{ value: 'h1', count: 1 }],
      'tags.region': [
        { value: 'eu', count: 2 },
        { value: 'us', count: 1 },
      ],
    },
    total: 3,
    exact: true,
  });
});

test('a few fields and values if nothing is said; never more than the cap', async (t) => {
  const app = await queryApp(t);
  await app.store.append(
    'log',
    Array.from({ length: 120 }, (_, index) => aLog({ service: `s${index}` })),
  );
  const { data } = await app.get<{ data: Record<string, unknown[]> }>('/api/logs/facets');
  assert.deepEqual(Object.keys(data), ['service', 'level', 'host']);
  assert.equal(data.service?.length, 10);
  const capped = await app.get<{ data: Record<string, unknown[]> }>(
    '/api/logs/facets?limit=5000&fields=service,service',
  );
  assert.equal(capped.data.service?.length, 100);
});

test('what makes no sense is refused by name', async (t) => {
  const app = await queryApp(t);
  const rows: readonly (readonly [string, string])[] = [
    ['fields=message', 'fields'],
    ['fields=', 'fields'],
    ['fields=service,,host', 'fields'],
    [`fields=${Array.from({ length: 11 }, (_, index) => `tags.k${index}`).join()}`, 'fields'],
    ['limit=0', 'limit'],
    ['page=1', 'page'],
    ['fields=service&fields=host', 'fields'],
    ['field=service', 'field'],
  ];
  for (const [params, field] of rows)
    assert.equal((await app.refused(`/api/logs/facets?${params}`)).field, field, params);
});
