import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildTestApp } from '../fixtures/build-app.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { LEAST, lines, NDJSON_TYPE, PATHS, post } from './ingest-app.ts';

const KINDS_WITH_LISTS = ['log', 'metric', 'security'] as const;
const list = (kind: (typeof KINDS_WITH_LISTS)[number]) => PATHS[kind].replace('/ingest/', '/api/');

test('a repeat is acknowledged with the id of the first, and stored once', async (t) => {
  const { fastify } = await buildTestApp(t);
  for (const kind of KINDS_WITH_LISTS) {
    const event = { ...LEAST[kind], event_id: 'e-1' };
    const first = await fastify.inject(post(PATHS[kind], event));
    // Who sends an event again may have changed it since: the first counts.
    const again = await fastify.inject(post(PATHS[kind], { ...event, service: 'other' }));
    assert.deepEqual([first.statusCode, again.statusCode], [201, 201], kind);
    assert.equal(first.json().id, again.json().id, kind);

    const batch = [event, { ...event, event_id: 'e-2' }, { ...event, event_id: 'e-2' }, LEAST[kind], LEAST[kind]];
    for (const [payload, headers] of [
      [JSON.stringify(batch), {}],
      [lines(...batch), NDJSON_TYPE],
    ] as const) {
      const reply = await fastify.inject(post(PATHS[kind], payload, headers));
      assert.deepEqual(reply.json(), { accepted: 5, rejected: 0, errors: [] }, kind);
    }
    const { data, total } = (await fastify.inject(list(kind))).json();
    // e-1, e-2, and events without an id of their own, which never repeat another.
    assert.equal(total, 2 + 4, kind);
    assert.equal(data.find(({ event_id }: { event_id: string }) => event_id === 'e-1').service, event.service);
    assert.equal((await fastify.inject(`${list(kind)}/e-1`)).json().id, first.json().id, 'found by either id');
  }
});

test('requests that come together with the same event store it once', async (t) => {
  const { fastify } = await buildTestApp(t);
  const single = post('/ingest/logs', { ...LEAST.log, event_id: 'e-1' });
  const batch = post('/ingest/batch', [{ kind: 'log', ...LEAST.log, event_id: 'e-1' }]);
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, index) => fastify.inject(index % 2 ? single : batch)),
  );
  assert.ok(replies.every(({ statusCode }) => statusCode === 200 || statusCode === 201));
  const ids = new Set(replies.flatMap((reply) => (reply.statusCode === 201 ? [reply.json().id] : [])));
  assert.equal(ids.size, 1);
  assert.equal((await fastify.inject('/api/logs')).json().total, 1);
});

test('an id may be used again after the window, also across a restart; within it never', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'lightwatch-test-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const clock = fakeClock();
  const options = { env: { DATA_DIR: dataDir, DEDUP_WINDOW: '10m' }, clock };
  const event = { ...LEAST.log, event_id: 'e-1' };
  const send = async ({ fastify }: Awaited<ReturnType<typeof buildTestApp>>) => {
    const reply = await fastify.inject(post('/ingest/logs', event));
    return [reply.statusCode, reply.json().id, (await fastify.inject('/api/logs')).json().total];
  };

  const first = await buildTestApp(t, options);
  const [status, id, total] = await send(first);
  assert.deepEqual([status, total], [201, 1]);
  clock.advance(9 * 60_000);
  assert.deepEqual(await send(first), [201, id, 1]);
  await first.close();

  const second = await buildTestApp(t, options);
  assert.deepEqual(await send(second), [201, id, 1], 'remembered across a restart');
  clock.advance(60_000 + 1);
  const [, later, totalLater] = await send(second);
  assert.notEqual(later, id);
  assert.equal(totalLater, 2, 'the window has passed');
});

test('what was answered is there after a restart, in the order in which it came', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'lightwatch-test-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const env = { DATA_DIR: dataDir };
  const first = await buildTestApp(t, { env });
  const ids: string[] = [];
  for (let index = 0; index < 20; index++) {
    const reply = await first.fastify.inject(post('/ingest/logs', { ...LEAST.log, message: `line ${index}` }));
    ids.push(reply.json().id);
  }
  assert.deepEqual(ids, ids.toSorted(), 'ids rise with arrival');
  await first.close();
  const second = await buildTestApp(t, { env });
  const { data } = (await second.fastify.inject('/api/logs?order=asc')).json();
  assert.deepEqual(
    data.map((log: { id: string; message: string }) => [log.id, log.message]),
    ids.map((id, index) => [id, `line ${index}`]),
  );
});

test('requests that come together share commits', async (t) => {
  const { fastify } = await buildTestApp(t);
  const single = post('/ingest/logs', LEAST.log);
  const replies = await Promise.all(Array.from({ length: 200 }, () => fastify.inject(single)));
  const ids = replies.map((reply) => reply.json().id);
  assert.equal(new Set(ids).size, 200, 'each has an id of its own');
  const { commits, events, waiting } = fastify.stats.snapshot().ingest ?? {};
  assert.deepEqual([events, waiting], [200, 0]);
  assert.ok(Number(commits) <= 20, `${commits} commits for 200 requests`);
  for (const [index, id] of [ids[0], ids[117], ids[199]].entries()) {
    assert.equal((await fastify.inject(`/api/logs/${id}`)).statusCode, 200, String(index));
  }
});

test('what was answered is found by the next question', async (t) => {
  const { fastify } = await buildTestApp(t);
  for (let count = 1; count <= 20; count++) {
    await fastify.inject(post('/ingest/logs', LEAST.log));
    assert.equal((await fastify.inject('/api/logs')).json().total, count);
  }
});
