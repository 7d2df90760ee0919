import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aHeartbeat, aLog, aMetric, aSecurityEvent, aSpan, NOON } from '../fixtures/samples.ts';
import { queryApp } from './query-app.ts';

test('how a service is and what it did', async (t) => {
  const app = await queryApp(t);
  await app.store.append('heartbeat', [aHeartbeat({ host: 'h1', version: '1.0' })]);
  await app.store.append('log', [
    aLog(),
    aLog({ level: 'error' }),
    aLog({ service: 'gate' }),
    aLog({ timestamp: NOON - 2 * 3_600_000 }),
  ]);
  await app.store.append('security', [aSecurityEvent({ service: 'pay' })]);
  await app.store.append('metric', [aMetric({ value: 1, timestamp: NOON - 1 }), aMetric({ value: 2 })]);
  await app.store.append('span', [aSpan({ status: 'error' }), aSpan({ duration_ms: 750 })]);
  assert.deepEqual(await app.get('/api/services/pay'), {
    service: 'pay',
    status: 'healthy',
    last_seen: '2026-01-15T12:00:00.000Z',
    versions: ['1.0'],
    hosts: ['h1'],
    from: '2026-01-15T11:00:00.000Z',
    to: '2026-01-15T12:00:00.000Z',
    logs: { total: 2, levels: { info: 1, error: 1 }, error_share: 0.5 },
    security: { total: 1, severities: { high: 1 } },
    spans: { total: 2, errors: 1, p50_ms: 500, p95_ms: 725, p99_ms: 745 },
    metrics: [{ name: 'cpu_usage', last: 2, timestamp: '2026-01-15T12:00:00.000Z' }],
  });
});

test('a service without heartbeats has no status; one that nobody knows is not found', async (t) => {
  const app = await queryApp(t);
  await app.store.append('log', [aLog()]);
  const overview = await app.get<{ status: unknown; spans: unknown }>('/api/services/pay');
  assert.deepEqual(overview.status, null);
  assert.deepEqual(overview.spans, { total: 0, errors: 0, p50_ms: null, p95_ms: null, p99_ms: null });
  assert.equal((await app.refused('/api/services/none', 404)).code, 'LW_NOT_FOUND');
  assert.equal((await app.refused('/api/services/pay?host=h')).field, 'host');
});
