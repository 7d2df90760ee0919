import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Kind } from '../../schemas/event.ts';
import { LightwatchError } from '../../src/errors.ts';
import { REPLAY_ITEMS } from '../../src/realtime/replay.ts';
import type { Store } from '../../src/store/store.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { liveApp } from '../fixtures/live-app.ts';
import { alertMessage, sampleLog } from '../fixtures/live-samples.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { eventually } from '../fixtures/wait.ts';

const logs = (from: number, count: number) => Array.from({ length: count }, (_, index) => sampleLog(from + index));

test('since replays what came after an id, then goes on live', async (t) => {
  const app = await liveApp(t);
  const ids = await app.ingest('log', logs(0, 1200));
  const tail = await app.open(`/ws/logs?since=${ids[99]}`);
  await tail.count(1100);
  const more = await app.ingest('log', logs(1200, 5));
  await tail.count(1105);
  assert.deepEqual(tail.all('id'), [...ids.slice(100), ...more]);
});

test('a replay has the filter of its tail', async (t) => {
  const app = await liveApp(t);
  const [first] = await app.ingest('log', [sampleLog(0), sampleLog(1, { service: 'gw' }), sampleLog(2)]);
  const tail = await app.open(`/ws/logs?service=pay&since=${first}`);
  await app.ingest('log', [sampleLog(3, { service: 'gw' }), sampleLog(4)]);
  await tail.count(2);
  assert.deepEqual(tail.all('message'), ['order 2', 'order 4']);
});

test('since may be the id that the sender gave', async (t) => {
  const app = await liveApp(t);
  const ids = await app.ingest('log', [sampleLog(0), sampleLog(1, { event_id: 'order-1' }), ...logs(2, 3)]);
  const tail = await app.open('/ws/logs?since=order-1');
  const more = await app.ingest('log', logs(5, 2));
  await tail.count(5);
  assert.deepEqual(tail.all('id'), [...ids.slice(2), ...more]);
});

test('an id that nobody knows is a gap, and the tail is live', async (t) => {
  const app = await liveApp(t);
  await app.ingest('log', logs(0, 3));
  for (const since of ['0', 'order-1', '9'.repeat(16)]) {
    const tail = await app.open(`/ws/logs?since=${since}`);
    const [id] = await app.ingest('log', logs(3, 1));
    await tail.count(2);
    assert.deepEqual([tail.received[0], tail.received[1]?.id], [{ type: 'gap' }, id], since);
  }
});

test('a tail that joins while events stream in has neither hole nor repeat', async (t) => {
  const app = await liveApp(t, { store: hesitant(memoryStore()) });
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 4, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(3), fc.nat(), async (batches, joinAfter, start) => {
      const ids = await app.ingest('log', logs(start, 20));
      const since = ids[start % ids.length];
      const tails = [];
      let number = start;
      for (const [index, size] of batches.entries()) {
        // Joins happen between and during the stores and publications of others.
        if (index >= joinAfter && tails.length < 3) tails.push(app.connect(`/ws/logs?since=${since}`));
        const stored = app.ingest('log', logs(number, size));
        if (index % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
        ids.push(...(await stored));
        number += size;
      }
      const wanted = ids.slice(ids.indexOf(String(since)) + 1);
      for (const tail of tails) {
        await eventually(() => tail.received.at(-1)?.id === wanted.at(-1), 'the newest event');
        assert.deepEqual(tail.all('id'), wanted);
        tail.socket.terminate();
      }
    }),
    { numRuns: 25 },
  );
});

test('who missed more than is replayed is told where the gap is', async (t) => {
  const app = await liveApp(t);
  const ids = await app.ingest('log', logs(0, REPLAY_ITEMS + 700));
  const tail = await app.open(`/ws/logs?since=${ids[0]}`);
  await tail.count(REPLAY_ITEMS);
  await app.ingest('log', logs(90_000, 1));
  await tail.count(REPLAY_ITEMS + 2);
  assert.deepEqual(tail.all('id').slice(0, REPLAY_ITEMS), ids.slice(1, REPLAY_ITEMS + 1));
  assert.deepEqual(tail.received[REPLAY_ITEMS], { type: 'gap' });
  assert.equal(tail.received[REPLAY_ITEMS + 1]?.message, 'order 90000');
});

test('a store that fails is a gap, and the tail is live all the same', async (t) => {
  const store = memoryStore();
  const broken: Store = {
    ...store,
    since: () => Promise.reject(new LightwatchError('LW_STORE_UNAVAILABLE', 'the store is away')),
  };
  const app = await liveApp(t, { store: broken });
  const [id] = await app.ingest('log', logs(0, 3));
  const tail = await app.open(`/ws/logs?since=${id}`);
  await app.ingest('log', logs(3, 1));
  await tail.count(2);
  assert.deepEqual(tail.received[0], { type: 'gap' });
  assert.equal(tail.received[1]?.message, 'order 3');
});

test('alerts that were missed are replayed as long as they are remembered', async (t) => {
  const app = await liveApp(t, { clock: fakeClock() });
  for (let number = 0; number < 5; number++) app.alert(alertMessage(number));
  const all = await app.open('/ws/alerts');
  app.alert(alertMessage(5));
  await all.count(1);
  const known = await app.open('/ws/alerts?since=alert-2');
  const unknown = await app.open('/ws/alerts?since=forgotten');
  await known.count(3);
  assert.deepEqual(known.all('id'), ['alert-3', 'alert-4', 'alert-5']);
  app.alert(alertMessage(6));
  await unknown.count(2);
  assert.deepEqual(unknown.received, [{ type: 'gap' }, alertMessage(6)]);
});

test('what the bus forgot is filled from the store', async (t) => {
  const app = await liveApp(t);
  const tail = await app.open('/ws/logs');
  const ids = await app.ingest('log', logs(0, 5));
  await tail.count(5);
  // More than a bus keeps for one turn, published at once: it forgets the beginning.
  const stored = await Promise.all(
    Array.from({ length: 9 }, (_, batch) => app.store.append<'log'>('log', logs(5 + batch * 1000, 1000))),
  );
  const huge = await app.store.append<'log'>('log', logs(9005, 66_000));
  for (const batch of stored) app.bus.publish('log', batch.stored);
  app.bus.publish('log', huge.stored);
  for (const batch of stored) ids.push(...Array.from({ length: 1000 }, (_, index) => batch.stored.id(index)));
  await tail.count(9005);
  assert.deepEqual(tail.all('id').slice(0, 9005), ids);
});

/** A store whose answers take a random while. */
function hesitant(store: Store): Store {
  const pause = async () => {
    for (let turns = Math.random() * 4; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    ...store,
    async append(kind, events) {
      await pause();
      const appended = await store.append(kind, events);
      await pause();
      return appended;
    },
    async since<K extends Kind>(kind: K, id: string, limit: number) {
      await pause();
      const events = await store.since(kind, id, limit);
      await pause();
      return events;
    },
  };
}
