import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOP_TYPES } from '../../schemas/v1.ts';
import { aHeartbeat, aLog, aMetric, aSecurityEvent, aSpan, NOON } from '../fixtures/samples.ts';
import { queryApp } from './query-app.ts';

async function filledApp(t: Parameters<typeof queryApp>[0]) {
  const app = await queryApp(t);
  await app.store.append('log', [
    aLog({ timestamp: NOON - 1000 }),
    aLog({ timestamp: NOON - 2000, level: 'error', message: 'order 17 failed' }),
    aLog({ timestamp: NOON - 3_600_000, level: 'error', message: 'order 18 failed', host: 'h1' }),
    aLog({ timestamp: NOON - 3000, service: 'gate', level: 'fatal', message: 'out of memory' }),
  ]);
  await app.store.append('metric', [
    aMetric({ value: 4, timestamp: NOON - 1000 }),
    aMetric({ value: 8, timestamp: NOON - 500 }),
  ]);
  await app.store.append('security', [aSecurityEvent({ source_ip: '10.0.0.1', timestamp: NOON - 1000 })]);
  await app.store.append('heartbeat', [aHeartbeat(), aHeartbeat({ service: 'gate', status: 'degraded' })]);
  await app.store.append('span', [aSpan({ name: 'fast', duration_ms: 1 }), aSpan({ name: 'slow', duration_ms: 900 })]);
  return app;
}

test('lists are those of the other API, by their other names', async (t) => {
  const app = await filledApp(t);
  for (const [other, own] of [
    ['events?level=error', 'logs?level=error'],
    ['metrics', 'metrics'],
    ['metrics/latest', 'metrics/latest'],
    ['metrics/names', 'metrics/names'],
    ['metrics/sources', 'metrics/sources'],
    ['metrics/stats', 'metrics/stats'],
    ['metrics/aggregate?name=cpu_usage&fn=p95', 'metrics/aggregate?name=cpu_usage&fn=p95'],
    ['dashboard/timeseries', 'logs/histogram'],
    ['dashboard/timeseries?metric=cpu_usage&fn=max&interval=1h', 'metrics/aggregate?name=cpu_usage&fn=max&step=1h'],
  ])
    assert.deepEqual(await app.get(`/api/v1/${other}`), await app.get(`/api/${own}`), other);
  const { data } = await app.get<{ data: { id: string }[] }>('/api/v1/events');
  assert.deepEqual(await app.get(`/api/v1/events/${data[0]?.id}`), data[0]);
});

test('one event is deleted, for good', async (t) => {
  const app = await filledApp(t);
  for (const [path, own] of [
    ['/api/v1/events', '/api/logs'],
    ['/api/v1/metrics', '/api/metrics'],
  ] as const) {
    const { data, total } = await app.get<{ data: { id: string }[]; total: number }>(path);
    const url = `${path}/${data[0]?.id}`;
    assert.deepEqual(await app.send('DELETE', url), { status: 204, body: {} });
    assert.equal((await app.send('DELETE', url)).status, 404);
    await app.refused(`${own}/${data[0]?.id}`, 404);
    assert.equal((await app.get<{ total: number }>(path)).total, total - 1);
  }
});

test('events are counted, and everything is seen at a glance', async (t) => {
  const app = await filledApp(t);
  const range = { from: '2026-01-14T12:00:00.000Z', to: '2026-01-15T12:00:00.000Z' };
  assert.deepEqual(await app.get('/api/v1/events/stats'), {
    ...range,
    total: 4,
    levels: { info: 1, error: 2, fatal: 1 },
    services: { pay: 3, gate: 1 },
  });
  assert.deepEqual(await app.get('/api/v1/dashboard/overview'), {
    ...range,
    events: { total: 4, levels: { info: 1, error: 2, fatal: 1 }, error_share: 0.75 },
    metrics: { total: 2 },
    security: { total: 1, severities: { high: 1 } },
    services: { total: 2, statuses: { healthy: 1, degraded: 1 } },
    incidents: { active: 0 },
  });
  const { events, services } = await app.get<{ events: { total: number }; services: { total: number } }>(
    '/api/v1/dashboard/overview?service=gate&from=now-1h',
  );
  assert.deepEqual([events.total, services.total], [1, 1]);
});

test('what there is most of', async (t) => {
  const app = await filledApp(t);
  const rows: Readonly<Record<(typeof TOP_TYPES)[number], unknown>> = {
    errors: [
      { value: 'order <num> failed', count: 2 },
      { value: 'out of memory', count: 1 },
    ],
    services: [
      { value: 'pay', count: 3 },
      { value: 'gate', count: 1 },
    ],
    hosts: [{ value: 'h1', count: 1 }],
    levels: [
      { value: 'error', count: 2 },
      { value: 'fatal', count: 1 },
      { value: 'info', count: 1 },
    ],
    metrics: [{ value: 'cpu_usage', count: 2 }],
    sources: [{ value: '10.0.0.1', count: 1 }],
    slow: [
      { value: 'slow', count: 1, p95_ms: 900 },
      { value: 'fast', count: 1, p95_ms: 1 },
    ],
  };
  for (const type of TOP_TYPES) {
    assert.deepEqual(await app.get(`/api/v1/dashboard/top/${type}`), { type, data: rows[type] });
    assert.ok((await app.get<{ data: unknown[] }>(`/api/v1/dashboard/top/${type}?limit=1`)).data.length <= 1);
  }
});

test('the week by its hours, and the last minute', async (t) => {
  const app = await filledApp(t);
  const { data } = await app.get<{ data: { day: number; hour: number; count: number }[] }>('/api/v1/dashboard/heatmap');
  assert.equal(data.length, 7 * 24);
  assert.deepEqual(
    data.filter(({ count }) => count > 0),
    [{ day: 4, hour: 11, count: 4 }],
  );
  assert.deepEqual(await app.get('/api/v1/dashboard/realtime'), {
    at: '2026-01-15T12:00:00.000Z',
    window_s: 60,
    events_per_second: 3 / 60,
    errors_per_second: 2 / 60,
    metrics_per_second: 2 / 60,
    active_services: 2,
  });
});

test('widgets are panels of a dashboard', async (t) => {
  const app = await queryApp(t);
  const widget = { title: 'errors', type: 'errors', query: { service: 'pay' }, x: 0, y: 0, w: 6, h: 4 };
  assert.deepEqual((await app.send('POST', '/api/v1/dashboard/widgets', widget)).body, widget);
  await app.send('POST', '/api/v1/dashboard/widgets', { ...widget, x: 6 });
  assert.deepEqual(await app.get('/api/v1/dashboard/widgets'), {
    data: [widget, { ...widget, x: 6 }],
    total: 2,
    page: 1,
    limit: 50,
  });
  assert.equal((await app.get<{ panels: unknown[] }>('/api/dashboards/widgets')).panels.length, 2);
  assert.equal((await app.send('POST', '/api/v1/dashboard/widgets', { ...widget, x: 12 })).status, 400);
});

test('what makes no sense is refused by name', async (t) => {
  const app = await queryApp(t);
  for (const [path, field] of [
    ['events?levle=error', 'levle'],
    ['events/stats?level=error', 'level'],
    ['dashboard/overview?range=1h', 'range'],
    ['dashboard/timeseries?fn=avg', 'fn'],
    ['dashboard/timeseries?metric=a&fn=median', 'fn'],
    ['dashboard/top/rumours', 'type'],
    ['dashboard/top/errors?limit=0', 'limit'],
    ['dashboard/heatmap?day=1', 'day'],
    ['dashboard/realtime?from=now', 'from'],
    ['metrics/stats?name=a&name=b', 'name'],
  ])
    assert.equal((await app.refused(`/api/v1/${path}`)).field, field, path);
});
