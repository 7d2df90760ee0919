import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { KINDS } from '../../schemas/event.ts';
import { buildTestApp } from '../fixtures/build-app.ts';
import { JSON_TYPE, LEAST, lines, NDJSON_TYPE, PATHS, post } from './ingest-app.ts';

test('one event of each kind is answered with its id', async (t) => {
  const { fastify } = await buildTestApp(t);
  for (const kind of KINDS) {
    const before = new Date().toISOString();
    const reply = await fastify.inject(post(PATHS[kind], LEAST[kind]));
    assert.equal(reply.statusCode, 201, `${kind}: ${reply.body}`);
    const { status, id, ...rest } = reply.json();
    assert.deepEqual([status, typeof id, rest], ['accepted', 'string', {}], kind);
    if (kind === 'heartbeat' || kind === 'span') continue;
    const { received_at, timestamp, ...stored } = (await fastify.inject(`/api/${path(kind)}/${id}`)).json();
    assert.deepEqual(stored, { ...LEAST[kind], id, event_id: id, schema_version: 2 }, kind);
    assert.ok(before <= timestamp && timestamp <= received_at, `${kind}: an event without a time happens as it comes`);
  }
  const { data } = (await fastify.inject('/api/services')).json();
  assert.deepEqual([data.length, data[0].service, data[0].status], [1, 'pay', 'healthy']);
});

const path = (kind: 'log' | 'metric' | 'security') => PATHS[kind].replace('/ingest/', '');

test('many events of each kind, as a list and as lines', async (t) => {
  const { fastify } = await buildTestApp(t);
  for (const kind of KINDS) {
    const three = [LEAST[kind], LEAST[kind], LEAST[kind]];
    const rows: [string, string | Buffer, Record<string, string>, number][] = [
      ['a list', JSON.stringify(three), {}, 3],
      ['a list of one', JSON.stringify([LEAST[kind]]), {}, 1],
      ['an empty list', '[]', {}, 0],
      ['lines', lines(...three), NDJSON_TYPE, 3],
      ['lines with an end', `${lines(...three)}\n`, NDJSON_TYPE, 3],
      [
        'lines of Windows, blank ones among them',
        `${lines(LEAST[kind], '', ' ', LEAST[kind])}\r\n\r\n`,
        NDJSON_TYPE,
        2,
      ],
      ['one line', lines(LEAST[kind]), NDJSON_TYPE, 1],
      ['packed lines', gzipSync(lines(...three)), { ...NDJSON_TYPE, 'content-encoding': 'gzip' }, 3],
      ['a packed list', gzipSync(JSON.stringify(three)), { 'content-encoding': 'gzip' }, 3],
      ['a type with its charset', JSON.stringify(three), { 'content-type': 'application/json; charset=utf-8' }, 3],
    ];
    for (const [what, payload, headers, accepted] of rows) {
      const reply = await fastify.inject(post(PATHS[kind], payload, headers));
      assert.equal(reply.statusCode, 200, `${kind}, ${what}: ${reply.body}`);
      assert.deepEqual(reply.json(), { accepted, rejected: 0, errors: [] }, `${kind}, ${what}`);
    }
  }
  for (const url of ['/api/logs', '/api/metrics', '/api/security']) {
    assert.equal((await fastify.inject(url)).json().total, 3 + 1 + 3 + 3 + 2 + 1 + 3 + 3 + 3, url);
  }
});

test('events of several kinds together', async (t) => {
  const { fastify } = await buildTestApp(t);
  const all = KINDS.map((kind) => ({ kind, ...LEAST[kind] }));
  for (const [payload, headers] of [
    [JSON.stringify({ events: all }), JSON_TYPE],
    [JSON.stringify(all), JSON_TYPE],
    [lines(...all), NDJSON_TYPE],
  ] as const) {
    const reply = await fastify.inject(post('/ingest/batch', payload, headers));
    assert.deepEqual([reply.statusCode, reply.json()], [200, { accepted: 5, rejected: 0, errors: [] }]);
  }
  for (const url of ['/api/logs', '/api/metrics', '/api/security']) {
    const { total, data } = (await fastify.inject(url)).json();
    assert.equal(total, 3, url);
    assert.ok(!('kind' in data[0]), `${url}: the kind was for the way`);
  }
  assert.equal((await fastify.inject('/api/services')).json().data.length, 1);
  const empty = await fastify.inject(post('/ingest/batch', { events: [] }));
  assert.deepEqual([empty.statusCode, empty.json()], [200, { accepted: 0, rejected: 0, errors: [] }]);
});

test('a batch of several kinds that is not one names what is wrong', async (t) => {
  const { fastify } = await buildTestApp(t);
  const rows: [unknown, string][] = [
    [{}, 'events'],
    [{ events: 'all' }, 'events'],
    [{ events: null }, 'events'],
    [{ events: { 0: LEAST.log } }, 'events'],
    [{ events: [], extra: 1 }, 'extra'],
    ['7', 'events'],
    ['null', 'events'],
    ['"events"', 'events'],
  ];
  for (const [payload, field] of rows) {
    const reply = await fastify.inject(post('/ingest/batch', payload));
    const what = JSON.stringify(payload);
    assert.equal(reply.statusCode, 400, what);
    assert.equal(reply.json().error.details[0].field, field, what);
  }
});

test('the log of the event-logging system is answered as queued, and stored by then', async (t) => {
  const { fastify } = await buildTestApp(t);
  const log = { ...LEAST.log, meta: { order: 17 } };
  const reply = await fastify.inject(post('/api/logs', log));
  assert.deepEqual([reply.statusCode, reply.json()], [202, { status: 'queued' }]);
  const { data } = (await fastify.inject('/api/logs')).json();
  assert.deepEqual([data.length, data[0].meta], [1, { order: 17 }]);

  for (const payload of [[log], [], lines(log)]) {
    const headers = typeof payload === 'string' ? NDJSON_TYPE : JSON_TYPE;
    assert.equal((await fastify.inject(post('/api/logs', payload, headers))).statusCode, 400, JSON.stringify(payload));
  }
  const refused = await fastify.inject(post('/api/logs', { ...log, level: 'loud' }));
  assert.deepEqual([refused.statusCode, refused.json().error.details[0].field], [400, 'level']);
});

test('every item that is refused is told with its place, its code and its reason', async (t) => {
  const { fastify } = await buildTestApp(t);
  const good = LEAST.log;
  const items = [
    good,
    { ...good, level: 'loud' },
    7,
    null,
    good,
    [good],
    { ...good, colour: 'red' },
    { ...good, schema_version: 3 },
    { service: 'pay' },
    good,
  ];
  const errors = [
    [1, 'level: must be one of debug, info, warn, error, fatal'],
    [2, 'event: must be an object'],
    [3, 'event: must be an object'],
    [5, 'event: must be an object'],
    [6, 'colour: is not a known field'],
    [7, 'schema_version: 3 is newer than this server knows: the newest is 2'],
    [8, 'level: is required; message: is required'],
  ].map(([index, message]) => ({ index, code: 'LW_INVALID_EVENT', message }));
  for (const [payload, headers] of [
    [JSON.stringify(items), JSON_TYPE],
    [lines(...items), NDJSON_TYPE],
    [`\n\n${lines(...items).replaceAll('\n', '\n\n')}`, NDJSON_TYPE],
  ] as const) {
    const reply = await fastify.inject(post('/ingest/logs', payload, headers));
    assert.deepEqual([reply.statusCode, reply.json()], [200, { accepted: 3, rejected: 7, errors }]);
  }
  assert.equal((await fastify.inject('/api/logs')).json().total, 9, 'what was counted is stored');
});

test('a line that is no JSON costs only itself', async (t) => {
  const { fastify } = await buildTestApp(t);
  const body = lines(LEAST.log, '{"service":', LEAST.log, '{"service":"a"}{"service":"b"}', 'NaN');
  const reply = await fastify.inject(post('/ingest/logs', body, NDJSON_TYPE));
  const { errors, ...counts } = reply.json();
  assert.deepEqual([reply.statusCode, counts], [200, { accepted: 2, rejected: 3 }]);
  assert.deepEqual(
    errors.map(({ index, code }: { index: number; code: string }) => [index, code]),
    [1, 3, 4].map((index) => [index, 'LW_INVALID_JSON']),
  );
});

test('a kind that is missing or unknown is told item by item', async (t) => {
  const { fastify } = await buildTestApp(t);
  const events = [
    { kind: 'log', ...LEAST.log },
    LEAST.log,
    { kind: 'event', ...LEAST.log },
    { kind: 'constructor', ...LEAST.log },
    { kind: ['log'], ...LEAST.log },
    { kind: 'metric', ...LEAST.log },
    7,
  ];
  const reply = await fastify.inject(post('/ingest/batch', { events }));
  const { errors, ...counts } = reply.json();
  assert.deepEqual(counts, { accepted: 1, rejected: 6 });
  const noKind = 'kind: must be one of log, metric, security, heartbeat, span';
  assert.deepEqual(
    errors.map(({ index, message }: { index: number; message: string }) => [index, message]),
    [
      [1, noKind],
      [2, noKind],
      [3, noKind],
      [4, noKind],
      [5, 'name: is required; value: is required; level: is not a known field; message: is not a known field'],
      [6, noKind],
    ],
  );
});

test('only when every event is refused is the whole a 400, which tells the same', async (t) => {
  const { fastify } = await buildTestApp(t);
  const bad = { ...LEAST.log, level: 'loud' };
  for (const [url, payload, headers] of [
    ['/ingest/logs', JSON.stringify([bad, bad]), JSON_TYPE],
    ['/ingest/logs', lines(bad, bad), NDJSON_TYPE],
    ['/ingest/batch', JSON.stringify({ events: [{ kind: 'log', ...bad }, bad] }), JSON_TYPE],
  ] as const) {
    const reply = await fastify.inject(post(url, payload, headers));
    const { accepted, rejected, errors, error, request_id } = reply.json();
    assert.deepEqual([reply.statusCode, accepted, rejected, errors.length], [400, 0, 2, 2], url);
    assert.deepEqual([errors[0].index, errors[1].index], [0, 1]);
    assert.equal(error.code, 'LW_INVALID_EVENT');
    assert.match(error.message, /^every event was refused; the first: level: must be one of/);
    assert.equal(typeof request_id, 'string');
  }
  assert.equal((await fastify.inject('/api/logs')).json().total, 0);
});
