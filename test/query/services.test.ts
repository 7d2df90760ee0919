import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceState } from '../../schemas/heartbeat.ts';
import { OVERDUE_AFTER_MS } from '../../src/core/service-heartbeats.ts';
import { aHeartbeat } from '../fixtures/samples.ts';
import { queryApp } from './query-app.ts';

interface Services {
  data: ServiceState[];
  total: number;
  page: number;
  limit: number;
}

test('a service with its hosts and versions, as well as the worst of them', async (t) => {
  const app = await queryApp(t);
  await app.store.append('heartbeat', [
    aHeartbeat({ service: 'pay', host: 'h2', version: '1.1', status: 'degraded' }),
    aHeartbeat({ service: 'gate' }),
  ]);
  app.clock.advance(1500);
  await app.store.append('heartbeat', [aHeartbeat({ service: 'pay', host: 'h1', version: '1.0' })]);
  app.clock.advance(1000);
  assert.deepEqual(await app.get('/api/services'), {
    data: [
      {
        service: 'gate',
        status: 'healthy',
        last_seen: '2026-01-15T12:00:00.000Z',
        age_seconds: 2.5,
        versions: [],
        hosts: [],
      },
      {
        service: 'pay',
        status: 'degraded',
        last_seen: '2026-01-15T12:00:01.500Z',
        age_seconds: 1,
        versions: ['1.0', '1.1'],
        hosts: ['h1', 'h2'],
      },
    ],
    total: 2,
    page: 1,
    limit: 50,
  });
});

test('overdue: a host is left aside while another lives, the last makes the service stale', async (t) => {
  const app = await queryApp(t);
  await app.store.append('heartbeat', [aHeartbeat({ host: 'old', status: 'unhealthy' })]);
  app.clock.advance(OVERDUE_AFTER_MS);
  await app.store.append('heartbeat', [aHeartbeat({ host: 'new' })]);
  const status = async () => {
    const { data } = await app.get<Services>('/api/services');
    return [data[0]?.status, data[0]?.hosts.join()];
  };
  assert.deepEqual(await status(), ['unhealthy', 'new,old']);
  app.clock.advance(1);
  await app.store.append('heartbeat', [aHeartbeat({ host: 'new' })]);
  assert.deepEqual(await status(), ['healthy', 'new']);
  app.clock.advance(OVERDUE_AFTER_MS);
  assert.deepEqual(await status(), ['healthy', 'new']);
  app.clock.advance(1);
  assert.deepEqual(await status(), ['stale', 'new']);
});

test('services are chosen by status, name and host, and paged', async (t) => {
  const app = await queryApp(t);
  await app.store.append('heartbeat', [aHeartbeat({ service: 'gone', host: 'h0' })]);
  app.clock.advance(OVERDUE_AFTER_MS + 1);
  await app.store.append('heartbeat', [
    aHeartbeat({ service: 'a' }),
    aHeartbeat({ service: 'b', status: 'unhealthy', host: 'h1' }),
    aHeartbeat({ service: 'c', status: 'degraded' }),
  ]);
  const rows: readonly (readonly [string, string, number])[] = [
    ['', 'a,b,c,gone', 4],
    ['?status=stale', 'gone', 1],
    ['?status=healthy,unhealthy', 'a,b', 2],
    ['?service=c', 'c', 1],
    ['?host=h1', 'b', 1],
    ['?limit=3', 'a,b,c', 4],
    ['?limit=3&page=2', 'gone', 4],
    ['?page=9', '', 4],
  ];
  for (const [params, services, total] of rows) {
    const found = await app.get<Services>(`/api/services${params}`);
    assert.deepEqual([found.data.map(({ service }) => service).join(), found.total], [services, total], params);
  }
});

test('what makes no sense is refused by name', async (t) => {
  const app = await queryApp(t);
  for (const [params, want] of [
    ['status=sick', 'status'],
    ['status=healthy,', 'status'],
    ['status=stale&status=stale', 'status'],
    ['limit=0', 'limit'],
    ['colour=red', 'colour'],
  ] as const) {
    assert.equal((await app.refused(`/api/services?${params}`)).field, want, params);
  }
});
