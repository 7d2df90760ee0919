import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVERYTHING } from '../../src/core/filter.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { ingestApp, LEAST, PATHS, post } from './ingest-app.ts';

async function spanApp(t: Parameters<typeof ingestApp>[0]) {
  const store = memoryStore();
  const { app } = await ingestApp(t, store);
  const stored = async () => {
    const { events } = await store.page({
      kind: 'span',
      where: EVERYTHING,
      order: 'asc',
      limit: 9,
      offset: 0,
      total: false,
    });
    return events.map(({ id: _, event_id: __, received_at: ___, ...rest }) => rest);
  };
  return { app, stored };
}

test('the time of a span is its start, to the nanosecond', async (t) => {
  const { app, stored } = await spanApp(t);
  const sent = { ...LEAST.span, start: '2026-01-15T13:00:00.000100+01:00', end: '2026-01-15T12:00:00.0005Z' };
  const whole = { ...sent, kind: 'server', status: 'error', attributes: { 'http.status': 500 }, parent_span_id: 's-0' };
  const reply = await app.inject(post(PATHS.span, { ...whole, timestamp: '2020-01-01T00:00:00Z' }));
  assert.equal(reply.statusCode, 201, reply.body);
  assert.deepEqual(await stored(), [
    {
      ...whole,
      start: '2026-01-15T12:00:00.0001Z',
      end: '2026-01-15T12:00:00.0005Z',
      duration_ms: 0.4,
      timestamp: Date.UTC(2026, 0, 15, 12),
    },
  ]);
});

test('in a batch, kind says that it is a span and span_kind what kind of span', async (t) => {
  const { app, stored } = await spanApp(t);
  const events = [
    { ...LEAST.span, kind: 'span', span_kind: 'client' },
    { ...LEAST.span, kind: 'span' },
    { ...LEAST.span, kind: 'span', span_kind: 'clint' },
  ];
  const reply = (await app.inject(post('/ingest/batch', { events }))).json();
  assert.deepEqual([reply.accepted, reply.errors[0].index], [2, 2]);
  assert.match(reply.errors[0].message, /^kind: must be one of internal, server/);
  assert.deepEqual(
    (await stored()).map(({ kind }) => kind),
    ['client', undefined],
  );
});

test('what a span cannot be', async (t) => {
  const { app } = await spanApp(t);
  const rows: readonly [Record<string, unknown>, field: string][] = [
    [{ end: '2026-01-15T11:59:59Z' }, 'end'],
    [{ start: '2026-01-15' }, 'start'],
    [{ start: undefined }, 'start'],
    [{ trace_id: '' }, 'trace_id'],
    [{ span_id: undefined }, 'span_id'],
    [{ duration_ms: 7 }, 'duration_ms'],
    [{ status: 'OK' }, 'status'],
    [{ kind: 'SERVER' }, 'kind'],
    [{ attributes: [] }, 'attributes'],
  ];
  for (const [own, field] of rows) {
    const reply = await app.inject(post(PATHS.span, { ...LEAST.span, ...own }));
    assert.equal(reply.statusCode, 400, field);
    assert.equal(reply.json().error.details[0].field, field);
  }
});
