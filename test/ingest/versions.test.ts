import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from '../../schemas/event.ts';
import { buildTestApp } from '../fixtures/build-app.ts';
import { LEAST, PATHS, post } from './ingest-app.ts';

const { status, ...LEAST_HEARTBEAT_V1 } = LEAST.heartbeat;
const LEAST_V1 = { ...LEAST, heartbeat: LEAST_HEARTBEAT_V1 };

test('events of version 1 are stored as version 2', async (t) => {
  const { fastify } = await buildTestApp(t);
  const timestamp = '2026-01-15T12:00:00.000Z';
  for (const kind of ['log', 'metric', 'security'] as const) {
    const sent = { schema_version: 1, timestamp, host: 'h1', ...LEAST_V1[kind] };
    const reply = await fastify.inject(post(PATHS[kind], sent));
    assert.equal(reply.statusCode, 201, `${kind}: ${reply.body}`);
    const { id } = reply.json();
    const stored = (await fastify.inject(`${PATHS[kind].replace('/ingest/', '/api/')}/${id}`)).json();
    const { received_at, ...rest } = stored;
    assert.deepEqual(rest, { ...sent, id, event_id: id, schema_version: 2 }, kind);
  }
});

test('a heartbeat of version 1 says healthy by being sent', async (t) => {
  const { fastify } = await buildTestApp(t);
  const reply = await fastify.inject(post('/ingest/heartbeat', { schema_version: 1, service: 'old', host: 'h1' }));
  assert.equal(reply.statusCode, 201, reply.body);
  const { data } = (await fastify.inject('/api/services')).json();
  assert.deepEqual([data[0].service, data[0].status, data[0].hosts, data[0].versions], ['old', 'healthy', ['h1'], []]);
  for (const [field, value] of Object.entries({ status, version: '1.0' })) {
    const refused = await fastify.inject(
      post('/ingest/heartbeat', { schema_version: 1, service: 'old', [field]: value }),
    );
    assert.deepEqual([refused.statusCode, refused.json().error.details], [400, [unknown(field)]]);
  }
});

test('fields of version 2 are no fields of version 1', async (t) => {
  const { fastify } = await buildTestApp(t);
  const fields = { event_id: 'e', trace_id: 't', span_id: 's', meta: {}, tags: {} };
  for (const kind of KINDS.filter((kind) => kind !== 'span')) {
    for (const [field, value] of Object.entries(fields)) {
      const sent = { schema_version: 1, ...LEAST_V1[kind], [field]: value };
      const refused = await fastify.inject(post(PATHS[kind], sent));
      assert.deepEqual([refused.statusCode, refused.json().error.details], [400, [unknown(field)]], `${kind}.${field}`);
      const asV2 = await fastify.inject(post(PATHS[kind], { ...sent, ...LEAST[kind], schema_version: 2 }));
      assert.equal(asV2.statusCode, 201, `${kind}.${field}: ${asV2.body}`);
    }
  }
});

test('there were no spans in version 1', async (t) => {
  const { fastify } = await buildTestApp(t);
  const refused = await fastify.inject(post(PATHS.span, { schema_version: 1, ...LEAST.span }));
  assert.deepEqual(
    [refused.statusCode, refused.json().error.details],
    [400, [{ field: 'schema_version', message: 'must be 2' }]],
  );
});

const unknown = (field: string) => ({ field, message: 'is not a known field' });

test('version 2 may be said or not; no other version is taken', async (t) => {
  const { fastify } = await buildTestApp(t);
  const rows: [unknown, number][] = [
    [undefined, 201],
    [2, 201],
    [2.0, 201],
    [3, 400],
    [1e9, 400],
    [2.5, 400],
    [1.5, 400],
    [0, 400],
    [-1, 400],
    ['2', 400],
    ['1', 400],
    [null, 400],
    [[1], 400],
    [true, 400],
  ];
  for (const kind of KINDS) {
    for (const [schema_version, want] of rows) {
      const reply = await fastify.inject(post(PATHS[kind], { ...LEAST[kind], schema_version }));
      const what = `${kind} of version ${JSON.stringify(schema_version)}: ${reply.body}`;
      assert.equal(reply.statusCode, want, what);
      if (want === 400) assert.equal(reply.json().error.details[0].field, 'schema_version', what);
    }
  }
});
