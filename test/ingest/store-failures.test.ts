import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kind } from '../../schemas/event.ts';
import { LIMITS } from '../../schemas/limits.ts';
import { LightwatchError } from '../../src/errors.ts';
import { MAX_WAITING_EVENTS } from '../../src/ingest/recorder.ts';
import type { Store } from '../../src/store/store.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { eventually } from '../fixtures/wait.ts';
import { ingestApp, LEAST, lines, NDJSON_TYPE, PATHS, post } from './ingest-app.ts';

/** A store that fails for events of some kinds. */
function failing(kinds: readonly Kind[], error: Error): Store {
  const store = memoryStore();
  return {
    ...store,
    append: (kind, events) => (kinds.includes(kind) ? Promise.reject(error) : store.append(kind, events)),
  };
}

const FULL_DISK = new LightwatchError('LW_DISK_FULL', 'the disk is full', { retryAfterS: 30 });
const log = { kind: 'log', ...LEAST.log };
const metric = { kind: 'metric', ...LEAST.metric };
const bad = { kind: 'log', service: 'pay' };
const BAD = { code: 'LW_INVALID_EVENT', message: 'level: is required; message: is required' };

test('a batch of which only some kinds can be stored counts those alone', async (t) => {
  const store = failing(['metric', 'heartbeat'], FULL_DISK);
  const { app } = await ingestApp(t, store);
  const heartbeat = { kind: 'heartbeat', ...LEAST.heartbeat };
  const full = { code: 'LW_DISK_FULL', message: 'the disk is full' };
  for (const [events, accepted, errors] of [
    [[log, metric, log], 2, [{ index: 1, ...full }]],
    [[metric, bad, log, heartbeat, metric], 1, [full, BAD, undefined, full, full]],
  ] as const) {
    const reply = await app.inject(post('/ingest/batch', lines(...events), NDJSON_TYPE));
    const want = errors.flatMap((error, index) => (error === undefined ? [] : [{ index, ...error }]));
    assert.deepEqual([reply.statusCode, reply.json()], [200, { accepted, rejected: want.length, errors: want }]);
  }
  const { events } = await store.page({
    kind: 'log',
    where: { op: 'all', filters: [] },
    order: 'asc',
    limit: 9,
    offset: 0,
    total: false,
  });
  assert.equal(events.length, 3, 'what is counted as accepted is stored');
});

test('a batch of which nothing could be stored is an error as a whole', async (t) => {
  const { app } = await ingestApp(t, failing(['log', 'metric'], FULL_DISK));
  for (const [url, items] of [
    ['/ingest/batch', [log, metric]],
    ['/ingest/batch', [log, bad]],
    ['/ingest/logs', [LEAST.log, LEAST.log]],
  ] as const) {
    const reply = await app.inject(post(url, items));
    assert.deepEqual([reply.statusCode, reply.json().error.code], [507, 'LW_DISK_FULL'], url);
    assert.equal(reply.headers['retry-after'], '30');
  }
  const invalid = await app.inject(post('/ingest/batch', [bad, bad]));
  assert.deepEqual([invalid.statusCode, invalid.json().rejected], [400, 2]);
});

test('what a store says of itself reaches the log and not the client', async (t) => {
  const { app, logged } = await ingestApp(t, failing(['metric'], new Error('EIO on /var/lib/secret')));
  const reply = await app.inject(post('/ingest/batch', [log, metric]));
  assert.deepEqual(reply.json().errors, [{ index: 1, code: 'LW_INTERNAL', message: 'something went wrong here' }]);
  assert.match(logged.join(''), /EIO on \/var\/lib\/secret/);
});

test('past the queue senders are told to wait, and everything that was let in is stored', async (t) => {
  const held: (() => void)[] = [];
  const store = memoryStore();
  const gated: Store = {
    ...store,
    async append(kind, events) {
      await new Promise<void>((resolve) => held.push(resolve));
      return store.append(kind, events);
    },
  };
  const { app } = await ingestApp(t, gated);
  const event = JSON.stringify(LEAST.heartbeat);
  const batch = post(PATHS.heartbeat, lines(...new Array(LIMITS.batchEvents).fill(event)), NDJSON_TYPE);
  const waiting = () => app.stats.snapshot().ingest?.waiting;
  // One batch is being stored, and the others wait for it.
  const first = app.inject(batch);
  await eventually(() => held.length === 1, 'a commit');
  const rest = Array.from({ length: MAX_WAITING_EVENTS / LIMITS.batchEvents }, () => app.inject(batch));
  await eventually(() => waiting() === MAX_WAITING_EVENTS, 'a full queue');

  const refused = await app.inject(post(PATHS.heartbeat, LEAST.heartbeat));
  assert.deepEqual([refused.statusCode, refused.json().error.code], [503, 'LW_OVERLOADED']);
  assert.match(String(refused.headers['retry-after']), /^[1-9]\d*$/);
  const metricToo = app.inject(post(PATHS.metric, LEAST.metric));
  const mixed = app.inject(post('/ingest/batch', [{ kind: 'heartbeat', ...LEAST.heartbeat }, log]));
  await eventually(() => app.stats.snapshot().ingest?.overloaded === 2, 'a second refusal');

  let done = false;
  const all = Promise.all([first, ...rest, metricToo, mixed]).finally(() => {
    done = true;
  });
  await eventually(() => {
    for (const release of held.splice(0)) release();
    return done;
  }, 'every answer');
  const answers = await all;
  const accepted = answers.slice(0, -2);
  assert.ok(accepted.every((answer) => answer.statusCode === 200));
  assert.equal(answers.at(-2)?.statusCode, 201, 'other kinds have queues of their own');
  assert.deepEqual(
    answers
      .at(-1)
      ?.json()
      .errors.map((error: { code: string }) => error.code),
    ['LW_OVERLOADED'],
  );
  assert.equal(store.stats().events.heartbeat, accepted.length * LIMITS.batchEvents);
  assert.equal(store.stats().events.log, 1);
});
