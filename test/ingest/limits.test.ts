import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Kind } from '../../schemas/event.ts';
import { LIMITS } from '../../schemas/limits.ts';
import { buildTestApp } from '../fixtures/build-app.ts';
import { LEAST, lines, NDJSON_TYPE, PATHS, post } from './ingest-app.ts';

const x = (length: number) => 'x'.repeat(length);
const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
const metaOfBytes = (bytes: number) => ({ a: x(bytes - '{"a":""}'.length) });

/** `levels` objects, one in the other. */
function nested(levels: number): object {
  return levels === 1 ? {} : { a: nested(levels - 1) };
}
/** `levels` lists, one in the other. */
function nestedLists(levels: number): unknown[] {
  return levels === 1 ? [] : [nestedLists(levels - 1)];
}

test('each limit of a field, at it and over it', async (t) => {
  const { fastify } = await buildTestApp(t);
  const rows: [Kind, string, unknown, unknown, field?: string][] = [
    ['log', 'service', x(LIMITS.service), x(LIMITS.service + 1)],
    ['log', 'service', 'x', ''],
    ['log', 'host', x(LIMITS.host), x(LIMITS.host + 1)],
    ['log', 'host', 'x', ''],
    ['log', 'event_id', x(LIMITS.id), x(LIMITS.id + 1)],
    ['log', 'event_id', 'x', ''],
    ['log', 'trace_id', x(LIMITS.id), x(LIMITS.id + 1)],
    ['log', 'span_id', x(LIMITS.id), x(LIMITS.id + 1)],
    ['log', 'message', x(LIMITS.message), x(LIMITS.message + 1)],
    ['log', 'message', '', 7],
    ['log', 'message', 'é'.repeat(LIMITS.message / 2), 'é'.repeat(LIMITS.message / 2 + 1)],
    ['log', 'message', '🔥'.repeat(LIMITS.message / 4), `${'🔥'.repeat(LIMITS.message / 4)}x`],
    ['log', 'message', '日'.repeat(Math.floor(LIMITS.message / 3)), '日'.repeat(Math.ceil(LIMITS.message / 3))],
    ['log', 'tags', tags(LIMITS.tags), tags(LIMITS.tags + 1)],
    ['log', 'tags', { [x(LIMITS.tagKey)]: '' }, { [x(LIMITS.tagKey + 1)]: '' }, `tags.${x(LIMITS.tagKey + 1)}`],
    ['log', 'tags', { k: x(LIMITS.tagValue) }, { k: x(LIMITS.tagValue + 1) }, 'tags.k'],
    ['log', 'tags', {}, { '': 'v' }, 'tags.'],
    ['log', 'meta', metaOfBytes(LIMITS.metaBytes), metaOfBytes(LIMITS.metaBytes + 1)],
    ['log', 'meta', { a: 'é'.repeat(LIMITS.metaBytes / 2 - 4) }, { a: 'é'.repeat(LIMITS.metaBytes / 2 - 3) }],
    ['log', 'meta', nested(LIMITS.metaDepth), nested(LIMITS.metaDepth + 1)],
    ['log', 'meta', { a: nestedLists(LIMITS.metaDepth - 1) }, { a: nestedLists(LIMITS.metaDepth) }],
    ['metric', 'name', x(LIMITS.metricName), x(LIMITS.metricName + 1)],
    ['metric', 'name', 'x', ''],
    ['metric', 'unit', x(LIMITS.unit), x(LIMITS.unit + 1)],
    ['security', 'description', x(LIMITS.description), x(LIMITS.description + 1)],
    ['span', 'name', x(LIMITS.spanName), x(LIMITS.spanName + 1)],
    ['span', 'parent_span_id', x(LIMITS.id), x(LIMITS.id + 1)],
    ['span', 'attributes', metaOfBytes(LIMITS.metaBytes), metaOfBytes(LIMITS.metaBytes + 1)],
    ['span', 'attributes', nested(LIMITS.metaDepth), nested(LIMITS.metaDepth + 1)],
    ['heartbeat', 'version', x(LIMITS.version), x(LIMITS.version + 1)],
  ];
  for (const [kind, field, at, over, named = field] of rows) {
    const what = `${kind}.${field} ${JSON.stringify(over).slice(0, 20)}`;
    const accepted = await fastify.inject(post(PATHS[kind], { ...LEAST[kind], [field]: at }));
    assert.equal(accepted.statusCode, 201, `${what}: ${accepted.body}`);
    const refused = await fastify.inject(post(PATHS[kind], { ...LEAST[kind], [field]: over }));
    assert.equal(refused.statusCode, 400, what);
    const { code, details } = refused.json().error;
    assert.deepEqual([code, details[0].field], ['LW_INVALID_EVENT', named], what);
  }
});

test('10,000 events are a batch, one more is not', async (t) => {
  const { fastify } = await buildTestApp(t);
  const heartbeat = JSON.stringify({ kind: 'heartbeat', ...LEAST.heartbeat });
  const plain = JSON.stringify(LEAST.heartbeat);
  const list = (item: string, count: number) => `[${new Array(count).fill(item).join(',')}]`;
  const rows: [string, (count: number) => string, Record<string, string>][] = [
    ['/ingest/heartbeat', (count) => list(plain, count), {}],
    ['/ingest/heartbeat', (count) => lines(...new Array(count).fill(plain)), NDJSON_TYPE],
    ['/ingest/batch', (count) => `{"events":${list(heartbeat, count)}}`, {}],
  ];
  for (const [url, body, headers] of rows) {
    const whole = await fastify.inject(post(url, body(LIMITS.batchEvents), headers));
    assert.deepEqual([whole.statusCode, whole.json().accepted], [200, LIMITS.batchEvents], url);
    const over = await fastify.inject(post(url, body(LIMITS.batchEvents + 1), headers));
    assert.deepEqual([over.statusCode, over.json().error.code], [413, 'LW_TOO_LARGE'], url);
  }
});

test('a body may have 16 MiB, unpacked, and not a byte more', async (t) => {
  const { fastify } = await buildTestApp(t);
  const event = JSON.stringify(LEAST.log);
  const body = (bytes: number) => Buffer.from(event.padEnd(bytes));
  for (const [bytes, want] of [
    [LIMITS.batchBytes, 201],
    [LIMITS.batchBytes + 1, 413],
  ] as const) {
    const plain = await fastify.inject(post('/ingest/logs', body(bytes)));
    assert.equal(plain.statusCode, want, `${bytes} bytes: ${plain.body}`);
    const packed = await fastify.inject(post('/ingest/logs', gzipSync(body(bytes)), { 'content-encoding': 'gzip' }));
    assert.equal(packed.statusCode, want, `${bytes} bytes, packed: ${packed.body}`);
    if (want === 413) assert.equal(packed.json().error.code, 'LW_TOO_LARGE');
  }
});
