import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceList } from '../../schemas/trace.ts';
import { aSpan, NOON } from '../fixtures/samples.ts';
import { queryApp } from './query-app.ts';

const MINUTE_MS = 60_000;

/** A request through two services, so many minutes before noon. */
function request(trace_id: string, { ago = 1, ms = 100, failed = false, service = 'pay' } = {}) {
  const timestamp = NOON - ago * MINUTE_MS;
  return [
    aSpan({
      trace_id,
      span_id: 'b',
      parent_span_id: 'a',
      service,
      name: 'charge',
      timestamp: timestamp + 5,
      duration_ms: ms / 2,
    }),
    aSpan({ trace_id, span_id: 'a', service: 'gate', name: 'POST /orders', timestamp, duration_ms: ms, status: 'ok' }),
    ...(failed
      ? [
          aSpan({
            trace_id,
            span_id: 'c',
            parent_span_id: 'b',
            service,
            name: 'retry',
            timestamp: timestamp + 9,
            duration_ms: 1,
            status: 'error',
          }),
        ]
      : []),
  ];
}

async function setUp(t: Parameters<typeof queryApp>[0]) {
  const app = await queryApp(t);
  const ids = async (query: string) =>
    (await app.get<TraceList>(`/api/traces${query}`)).data.map(({ trace_id }) => trace_id);
  return { ...app, ids };
}

test('a trace is told by its root, its length, its spans and who took part', async (t) => {
  const app = await setUp(t);
  await app.store.append('span', request('t', { failed: true, ms: 250.5 }));
  assert.deepEqual(await app.get<TraceList>('/api/traces'), {
    data: [
      {
        trace_id: 't',
        name: 'POST /orders',
        service: 'gate',
        started_at: '2026-01-15T11:59:00.000Z',
        duration_ms: 250.5,
        spans: 3,
        errors: 1,
        services: ['gate', 'pay'],
      },
    ],
    page: 1,
    limit: 50,
    exact: true,
  });
});

test('the newest or the slowest, those with errors, those of a service', async (t) => {
  const { store, ids } = await setUp(t);
  await store.append('span', [
    ...request('slow', { ago: 20, ms: 5000 }),
    ...request('failed', { ago: 10, failed: true }),
    ...request('other', { ago: 5, service: 'stock' }),
    ...request('new', { ago: 1 }),
    ...request('old', { ago: 180 }),
  ]);
  for (const [query, wanted] of [
    ['', ['new', 'other', 'failed', 'slow']],
    ['?sort=newest&limit=2', ['new', 'other']],
    ['?sort=slowest&limit=1', ['slow']],
    ['?status=error', ['failed']],
    ['?service=stock', ['other']],
    ['?name=charge&service=pay&limit=1', ['new']],
    ['?from=now-4h&to=now-2h', ['old']],
    ['?sort=slowest&from=now-4h&service=stock', ['other']],
    ['?service=nobody', []],
  ] as const)
    assert.deepEqual(await ids(query), wanted, query);
});

test('a root whose parent nobody sent, and spans that are each other’s parents', async (t) => {
  const { store, get } = await setUp(t);
  await store.append('span', [
    aSpan({ trace_id: 'cut', span_id: 'b', parent_span_id: 'gone', name: 'the first', timestamp: NOON - 50 }),
    aSpan({ trace_id: 'cut', span_id: 'c', parent_span_id: 'b', name: 'the second', timestamp: NOON - 60 }),
    aSpan({ trace_id: 'round', span_id: 'a', parent_span_id: 'b', name: 'one', timestamp: NOON - 90 }),
    aSpan({ trace_id: 'round', span_id: 'b', parent_span_id: 'a', name: 'two', timestamp: NOON - 80 }),
  ]);
  const { data } = await get<TraceList>('/api/traces');
  assert.deepEqual(
    data.map(({ trace_id, name }) => [trace_id, name]),
    [
      ['cut', 'the first'],
      ['round', 'one'],
    ],
  );
});

test('what is no parameter is refused by its name', async (t) => {
  const { refused } = await setUp(t);
  for (const [query, field] of [
    ['sort=longest', 'sort'],
    ['page=2', 'page'],
    ['limit=0', 'limit'],
    ['status=bad', 'status'],
    ['from=yesterday', 'from'],
    ['trace_id=t&trace_id=u', 'trace_id'],
  ] as const)
    assert.equal((await refused(`/api/traces?${query}`)).field, field, query);
});
