import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { buildTestApp } from '../fixtures/build-app.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { aLog, aMetric, aSecurityEvent, HOSTILE_TEXTS, NOON } from '../fixtures/samples.ts';
import { eventually } from '../fixtures/wait.ts';
import { queryApp } from './query-app.ts';

test('NDJSON has a line an event, oldest first, as a list would show it', async (t) => {
  const app = await queryApp(t);
  await app.store.append(
    'log',
    HOSTILE_TEXTS.map((message, second) => aLog({ message, timestamp: NOON + second * 1000, tags: { a: message } })),
  );
  const { headers, body } = await app.fetch('/api/logs/export');
  assert.equal(headers['content-type'], 'application/x-ndjson; charset=utf-8');
  assert.equal(headers['content-disposition'], 'attachment; filename="lightwatch-logs.ndjson"');
  const { data } = await app.get<{ data: unknown[] }>('/api/logs?order=asc');
  assert.deepEqual(
    body
      .toString()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
    data,
  );
  const filtered = await app.fetch('/api/logs/export?q=bell&order=desc&format=ndjson');
  assert.equal(filtered.body.toString().split('\n').length, 2);
  assert.equal((await app.fetch('/api/logs/export?service=absent')).body.toString(), '');
});

test('CSV has a header, quotes what it must, and no cell that a spreadsheet would run', async (t) => {
  const app = await queryApp(t);
  await app.store.append('log', [
    aLog({ message: '=cmd|calc', event_id: 'e1', host: '@h' }),
    aLog({ message: 'says "no", twice\nand more', event_id: 'e2', tags: { k: '=v' } }),
  ]);
  await app.store.append('metric', [aMetric({ value: -1.5, event_id: 'm1', name: '-x' })]);
  const { headers, body } = await app.fetch('/api/logs/export?format=csv');
  assert.equal(headers['content-type'], 'text/csv; charset=utf-8');
  const at = '2026-01-15T12:00:00.000Z';
  const [one, two] = (await app.get<{ data: { id: string }[] }>('/api/logs?order=asc')).data.map(({ id }) => id);
  assert.equal(
    body.toString(),
    'id,event_id,timestamp,received_at,service,host,level,message,trace_id,span_id,tags,meta\r\n' +
      `${one},e1,${at},${at},pay,'@h,info,'=cmd|calc,,,,\r\n` +
      `${two},e2,${at},${at},pay,,info,"says ""no"", twice\nand more",,,"{""k"":""=v""}",\r\n`,
  );
  const metrics = (await app.fetch('/api/metrics/export?format=csv')).body.toString();
  assert.match(metrics, /,pay,,'-x,-1\.5,,,,,,\r\n$/);
});

test('Parquet is read back by another program, row group by row group', async (t) => {
  const app = await queryApp(t);
  const events = Array.from({ length: 45_000 }, (_, index) => aLog({ message: `m ${index}`, timestamp: NOON + index }));
  await app.store.append('log', [
    ...events,
    aLog({ host: 'h', tags: { a: 'b' }, meta: { n: [1] }, timestamp: NOON + 1e6 }),
  ]);
  await app.store.append('security', [aSecurityEvent({ source_ip: '::1' })]);
  const folder = await mkdtemp(join(tmpdir(), 'lightwatch-parquet-'));
  t.after(() => rm(folder, { recursive: true }));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  t.after(() => {
    connection.closeSync();
    instance.closeSync();
  });
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJS();
  const file = join(folder, 'logs.parquet');
  const { headers, body } = await app.fetch('/api/logs/export?format=parquet');
  assert.equal(headers['content-type'], 'application/vnd.apache.parquet');
  await writeFile(file, body);
  const [sum] = await ask(
    `SELECT count(*)::INT AS n, count(DISTINCT message)::INT AS m, min(timestamp)::VARCHAR AS t, count(host)::INT AS h FROM '${file}'`,
  );
  assert.deepEqual(sum, { n: 45_001, m: 45_001, t: '2026-01-15 12:00:00', h: 1 });
  const [last] = await ask(`SELECT tags::VARCHAR AS tags, meta::VARCHAR AS meta FROM '${file}' WHERE host = 'h'`);
  assert.deepEqual(last, { tags: '{"a":"b"}', meta: '{"n":[1]}' });
  const [groups] = await ask(`SELECT count(DISTINCT row_group_id)::INT AS n FROM parquet_metadata('${file}')`);
  assert.ok(Number(groups?.n) > 1);
  const empty = join(folder, 'none.parquet');
  await writeFile(empty, (await app.fetch('/api/security/export?format=parquet&service=absent')).body);
  assert.deepEqual(await ask(`SELECT count(*)::INT AS n FROM '${empty}'`), [{ n: 0 }]);
});

test('an export goes on after the last event that arrived, or at a cursor', async (t) => {
  const app = await queryApp(t);
  const { id } = await app.store.append(
    'log',
    [0, 0, 1, 2].map((second, index) => aLog({ message: `${index}`, timestamp: NOON + second })),
  );
  const messages = async (query: string) =>
    (await app.fetch(`/api/logs/export?${query}`)).body.toString().replace(/.*"message":"(\d)".*\n/g, '$1');
  assert.equal(await messages(''), '0123');
  assert.equal(await messages(`after=${id(0)}`), '123');
  assert.equal(await messages(`after=${id(2)}&order=desc`), '10');
  const { next_cursor } = await app.get<{ next_cursor: string }>('/api/logs?order=asc&limit=3');
  assert.equal(await messages(`cursor=${next_cursor}`), '3');
});

test('what makes no sense is refused by name', async (t) => {
  const app = await queryApp(t);
  const rows: readonly (readonly [string, string])[] = [
    ['logs/export?format=xml', 'format'],
    ['logs/export?format=csv&format=csv', 'format'],
    ['logs/export?limit=5', 'limit'],
    ['logs/export?cursor=abc', 'cursor'],
    ['logs/export?after=nothing', 'after'],
    ['logs/export?after=a&cursor=b', 'after'],
    ['logs/export?order=up', 'order'],
    ['metrics/export?level=error', 'level'],
    ['security/export?name=x', 'name'],
  ];
  for (const [path, field] of rows) assert.equal((await app.refused(`/api/${path}`)).field, field, path);
});

/** An endless store, and how many batches were taken from it. */
function endless() {
  const store = memoryStore();
  const taken = { batches: 0, ended: 0 };
  const batch = Array.from({ length: 1000 }, (_, index) => ({
    ...aLog({ message: 'x'.repeat(100) }),
    id: `${index}`,
    event_id: `${index}`,
    received_at: NOON,
  }));
  const scan = async function* () {
    try {
      for (;;) {
        taken.batches++;
        yield batch as never;
        await new Promise(setImmediate);
      }
    } finally {
      taken.ended++;
    }
  };
  return { taken, store: { ...store, scan } };
}

test('an export reads no faster than its client takes, ends with it, and is one of few', async (t) => {
  const { store, taken } = endless();
  const app = await queryApp(t, store);
  const url = `${await app.listen()}/api/logs/export`;
  const open = async (): Promise<IncomingMessage> => {
    const request = get(url);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  };
  const responses = [await open(), await open(), await open(), await open()];
  let before = -1;
  await eventually(() => {
    const stands = taken.batches === before;
    before = taken.batches;
    return stands;
  }, 'nobody reads, and so nothing is taken from the store');
  assert.ok(taken.batches < 400, `${taken.batches} batches were taken`);
  const refused = await app.refused('/api/logs/export', 503);
  assert.equal(refused.code, 'LW_OVERLOADED');
  for (const response of responses) response.destroy();
  await eventually(() => taken.ended === 4, 'every scan has ended');
  const again = await open();
  again.destroy();
});

test('a store that fails at once is an error, one that fails later breaks the stream off', async (t) => {
  const store = memoryStore();
  await store.append('log', [aLog()]);
  let good = 0;
  const scan = async function* () {
    for (let index = 0; index < good; index++) yield (await store.since('log', '', 1)) as never;
    throw new Error('the disk is on fire');
  };
  const app = await queryApp(t, { ...store, scan });
  assert.equal((await app.refused('/api/logs/export', 500)).code, 'LW_INTERNAL');
  good = 3;
  const url = `${await app.listen()}/api/logs/export`;
  await assert.rejects(async () => (await fetch(url)).text());
});

test('the embedded store gives all of it', async (t) => {
  const { fastify } = await buildTestApp(t);
  const events = Array.from({ length: 6_000 }, (_, index) => ({
    ...aLog(),
    timestamp: undefined,
    event_id: `e${index}`,
  }));
  const sent = await fastify.inject({ method: 'POST', url: '/ingest/logs', payload: events });
  assert.equal(sent.statusCode, 200, sent.body);
  const { body } = await fastify.inject('/api/logs/export');
  const ids = body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).event_id);
  assert.equal(new Set(ids).size, 6_000);
  assert.equal(ids.length, 6_000);
});
