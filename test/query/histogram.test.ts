import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Histogram } from '../../schemas/query.ts';
import { aLog, NOON } from '../fixtures/samples.ts';
import { queryApp } from './query-app.ts';

const MINUTE_MS = 60_000;

test('counts logs in time, zeros where there are none', async (t) => {
  const app = await queryApp(t);
  await app.store.append('log', [
    aLog({ timestamp: NOON - 2 * MINUTE_MS, level: 'error' }),
    aLog({ timestamp: NOON - 1, level: 'info' }),
    aLog({ timestamp: NOON - 1, level: 'info' }),
    aLog({ timestamp: NOON - 3 * MINUTE_MS - 1 }),
  ]);
  assert.deepEqual(await app.get('/api/logs/histogram?interval=1m&from=now-3m'), {
    interval: '1m',
    from: '2026-01-15T11:57:00.000Z',
    to: '2026-01-15T12:00:00.000Z',
    data: [
      { time: '2026-01-15T11:57:00.000Z', total: 0, counts: {} },
      { time: '2026-01-15T11:58:00.000Z', total: 1, counts: { error: 1 } },
      { time: '2026-01-15T11:59:00.000Z', total: 2, counts: { info: 2 } },
      { time: '2026-01-15T12:00:00.000Z', total: 0, counts: {} },
    ],
  });
});

test('splits by a field or a tag; what has none counts in the total alone', async (t) => {
  const app = await queryApp(t);
  await app.store.append('log', [
    aLog({ service: 'gate', tags: { region: 'eu' } }),
    aLog({ host: 'h1', tags: { region: '__proto__' } }),
    aLog(),
  ]);
  const rows: readonly (readonly [string, string])[] = [
    ['service', '{"gate":1,"pay":2}'],
    ['host', '{"h1":1}'],
    ['tags.region', '{"eu":1,"__proto__":1}'],
    ['level', '{"info":3}'],
  ];
  for (const [by, want] of rows) {
    const { data } = await app.get<Histogram>(`/api/logs/histogram?by=${by}&from=now&interval=1s`);
    assert.equal(data[0]?.total, 3);
    assert.equal(JSON.stringify(data[0]?.counts), want, by);
  }
});

test('takes the filters of the list', async (t) => {
  const app = await queryApp(t);
  await app.store.append('log', [aLog({ message: 'paid' }), aLog({ message: 'refused', level: 'warn' })]);
  const { data } = await app.get<Histogram>('/api/logs/histogram?from=now&q=refused&min_level=warn&service=pay');
  assert.deepEqual(
    data.map(({ total }) => total),
    [1],
  );
});

test('chooses an interval that gives a chart its columns', async (t) => {
  const app = await queryApp(t);
  const rows: readonly (readonly [string, string])[] = [
    ['now-30s', '1s'],
    ['now-5m', '5s'],
    ['now-1h', '1m'],
    ['now-24h', '30m'],
    ['now-7d', '3h'],
    ['now-30d', '12h'],
    ['now-365d', '7d'],
    ['0001-01-01T00:00:00Z', '7410d'],
  ];
  for (const [from, want] of rows) {
    const { interval, data } = await app.get<Histogram>(`/api/logs/histogram?from=${from}`);
    assert.equal(interval, want, from);
    assert.ok(data.length > 24 && data.length <= 102, `${from}: ${data.length} buckets`);
  }
  assert.equal((await app.get<Histogram>('/api/logs/histogram')).from, '2026-01-14T12:00:00.000Z');
});

test('values beyond the most frequent are in the total alone', async (t) => {
  const app = await queryApp(t);
  const services = Array.from({ length: 60 }, (_, i) => `s${i}`);
  await app.store.append(
    'log',
    [...services, ...services.slice(0, 50)].map((service) => aLog({ service })),
  );
  const { data } = await app.get<Histogram>('/api/logs/histogram?by=service&from=now');
  assert.equal(data[0]?.total, 110);
  assert.deepEqual(Object.keys(data[0]?.counts ?? {}).sort(), services.slice(0, 50).sort());
});

test('what makes no sense is refused by name', async (t) => {
  const app = await queryApp(t);
  const rows: readonly (readonly [string, string])[] = [
    ['interval=soon', 'interval'],
    ['interval=0s', 'interval'],
    ['interval=1s', 'interval'],
    ['by=message', 'by'],
    ['by=level&by=level', 'by'],
    ['from=now&to=now-1m', 'from'],
    ['from=2026-01-16T00:00:00Z', 'from'],
    ['limit=5', 'limit'],
    ['colour=red', 'colour'],
    ['level=loud', 'level'],
  ];
  for (const [params, want] of rows) {
    const { field, message } = await app.refused(`/api/logs/histogram?${params}`);
    assert.equal(field, want, `${params}: ${message}`);
  }
});

test('too many buckets: the refusal says what would do', async (t) => {
  const app = await queryApp(t);
  const { message } = await app.refused('/api/logs/histogram?interval=1s&from=now-1d');
  assert.match(message, /86401 buckets .* at most 2100 .* ask for 30m, or bring from and to nearer together/);
});
