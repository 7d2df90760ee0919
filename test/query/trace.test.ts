import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aLog, aMetric, aSecurityEvent, aSpan, NOON } from '../fixtures/samples.ts';
import { queryApp } from './query-app.ts';

interface Trace {
  trace_id: string;
  started_at: string;
  duration_ms: number;
  services: string[];
  data: { kind: string; timestamp: string; span_kind?: string }[];
  truncated: boolean;
}

test('everything of a trace is one timeline, of all kinds', async (t) => {
  const app = await queryApp(t);
  await app.store.append('span', [
    aSpan({ trace_id: 't', service: 'gate', kind: 'server', span_id: 'a' }),
    aSpan({ trace_id: 't', span_id: 'b', parent_span_id: 'a', timestamp: NOON + 10, duration_ms: 100 }),
  ]);
  await app.store.append('log', [aLog({ trace_id: 't', timestamp: NOON + 20 }), aLog({ trace_id: 'u' })]);
  await app.store.append('metric', [aMetric({ trace_id: 't', timestamp: NOON + 15 })]);
  await app.store.append('security', [aSecurityEvent({ trace_id: 't', timestamp: NOON + 30 })]);
  const { data, ...rest } = await app.get<Trace>('/api/traces/t');
  assert.deepEqual(rest, {
    trace_id: 't',
    started_at: '2026-01-15T12:00:00.000Z',
    duration_ms: 250,
    services: ['gate', 'pay'],
    truncated: false,
  });
  assert.deepEqual(
    data.map(({ kind }) => kind),
    ['span', 'span', 'metric', 'log', 'security'],
  );
  assert.equal(data[0]?.span_kind, 'server');
  assert.equal(data[0]?.timestamp, '2026-01-15T12:00:00.000Z');
});

test('spans below a millisecond have their length', async (t) => {
  const app = await queryApp(t);
  const start = '2026-01-15T12:00:00.0001Z';
  await app.store.append('span', [aSpan({ trace_id: 't', start, end: '2026-01-15T12:00:00.0004Z', duration_ms: 0.3 })]);
  assert.equal((await app.get<Trace>('/api/traces/t')).duration_ms, 0.3);
});

test('a trace that never ends is cut, and says so', async (t) => {
  const app = await queryApp(t);
  await app.store.append(
    'log',
    Array.from({ length: 5_001 }, () => aLog({ trace_id: 't' })),
  );
  const { data, truncated } = await app.get<Trace>('/api/traces/t');
  assert.deepEqual([data.length, truncated], [5_000, true]);
});

test('an id that nothing carries', async (t) => {
  const app = await queryApp(t);
  assert.equal((await app.refused('/api/traces/none', 404)).code, 'LW_NOT_FOUND');
  assert.equal((await app.refused('/api/traces/none?limit=4')).field, 'limit');
});
