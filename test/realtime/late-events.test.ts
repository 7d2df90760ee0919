import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Kind } from '../../schemas/event.ts';
import { REPLAY_ITEMS } from '../../src/realtime/replay.ts';
import type { Appended, Store } from '../../src/store/store.ts';
import { liveApp } from '../fixtures/live-app.ts';
import { sampleLog } from '../fixtures/live-samples.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { eventually } from '../fixtures/wait.ts';

/** How much earlier a replay begins, in events. */
const LATE_EVENTS = 50;

/**
 * A store that others write to as well: `begin` takes an event's id, and the event is there once it is committed, behind
 * others whose ids are greater.
 */
function sharedStore() {
  const store = memoryStore();
  const underWay = new Set<string>();
  const shared: Store = {
    ...store,
    isShared: true,
    resumeAfter: (id) => String(Math.max(0, Number(id) - LATE_EVENTS)).padStart(id.length, '0'),
    async since<K extends Kind>(kind: K, id: string, limit: number) {
      const events = await store.since(kind, id, Number.MAX_SAFE_INTEGER);
      return events.filter((event) => !underWay.has(event.id)).slice(0, limit);
    },
  };
  return {
    store: shared,
    async begin(number: number) {
      const appended = await store.append<'log'>('log', [sampleLog(number)]);
      const id = appended.id(0);
      underWay.add(id);
      return { id, appended, commit: () => void underWay.delete(id) };
    },
  };
}

async function sharedApp(t: Parameters<typeof liveApp>[0]) {
  const { store, begin } = sharedStore();
  const app = await liveApp(t, { store });
  const publish = ({ stored }: Appended<'log'>) => app.bus.publish('log', stored);
  return {
    ...app,
    /** The next event, with its id, not yet stored; answers how it is. */
    async begin(number: number) {
      const { id, appended, commit } = await begin(number);
      return {
        id,
        store() {
          commit();
          publish(appended);
        },
      };
    },
    async log(number: number) {
      const [id] = await app.ingest('log', [sampleLog(number)]);
      return String(id);
    },
  };
}

test('an event that another writer stored late is not missed by one who comes back, nor is one repeated', async (t) => {
  const app = await sharedApp(t);
  const first = await app.open('/ws/logs');
  await app.log(0);
  const late = await app.begin(1);
  const last = await app.log(2);
  await first.count(2);
  assert.ok(last > late.id);
  first.socket.close();
  await first.end();
  late.store();
  const next = await app.log(3);
  const again = await app.open(`/ws/logs?since=${last}`);
  const live = await app.log(4);
  await again.count(3);
  assert.deepEqual(again.all('id'), [late.id, next, live]);
});

test('one that is stored during the replay comes live, though its id is older than since', async (t) => {
  const app = await sharedApp(t);
  const late = await app.begin(0);
  const since = await app.log(1);
  const tail = await app.open(`/ws/logs?since=${since}`);
  const next = await app.log(2);
  await tail.count(1);
  late.store();
  await tail.count(2);
  assert.deepEqual(tail.all('id'), [next, late.id]);
});

test('a replica that heard nothing of it repeats what it does not know, and counts none of it as missed', async (t) => {
  const app = await sharedApp(t);
  const ids = await app.ingest(
    'log',
    Array.from({ length: 100 + REPLAY_ITEMS }, (_, number) => sampleLog(number)),
  );
  const tail = await app.open(`/ws/logs?since=${ids[99]}`);
  await tail.count(LATE_EVENTS - 1 + REPLAY_ITEMS);
  const live = await app.log(0);
  await tail.count(LATE_EVENTS + REPLAY_ITEMS);
  assert.deepEqual(tail.all('id'), [...ids.slice(100 - LATE_EVENTS, 99), ...ids.slice(100), live]);
});

test('what the bus forgot is filled with what came late, and without what was shown', async (t) => {
  const app = await sharedApp(t);
  await app.log(0);
  const tail = await app.open('/ws/logs');
  const before = await app.log(1);
  const late = await app.begin(2);
  const last = await app.log(3);
  await tail.count(2);
  // More than a bus keeps, published at once: it forgets the beginning, and so the late one.
  const stored = await Promise.all(
    Array.from({ length: 9 }, (_, batch) =>
      app.store.append<'log'>(
        'log',
        Array.from({ length: 1000 }, (_, number) => sampleLog(batch * 1000 + number)),
      ),
    ),
  );
  const huge = await app.store.append<'log'>(
    'log',
    Array.from({ length: 66_000 }, (_, number) => sampleLog(number)),
  );
  late.store();
  for (const batch of [...stored, huge]) app.bus.publish('log', batch.stored);
  await eventually(() => tail.all('id').includes(stored.at(-1)?.stored.id(999)), 'the gap to be filled');
  const filled = stored.flatMap((batch) => Array.from({ length: 1000 }, (_, index) => batch.stored.id(index)));
  assert.deepEqual(tail.all('id').slice(0, 3 + filled.length), [before, last, late.id, ...filled]);
});

test('whatever the order in which two writers store, one who comes and goes misses nothing, and sees twice only what came late', async (t) => {
  const app = await sharedApp(t);
  // While somebody watches, the replica hears everything, and so knows what who comes back has seen.
  await app.open('/ws/logs');
  const steps = fc.array(fc.constantFrom('begin', 'store', 'log', 'leave'), { minLength: 5, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const since = await app.log(0);
      const seen: unknown[] = [];
      const wanted: string[] = [];
      const late = new Set<unknown>();
      const underWay: { id: string; store(): void }[] = [];
      let tail = await app.open(`/ws/logs?since=${since}`);
      const caughtUp = () =>
        eventually(() => new Set([...seen, ...tail.all('id')]).size >= wanted.length, `${wanted.length} events`);
      const leave = async () => {
        seen.push(...tail.all('id'));
        tail.socket.close();
        await tail.end();
      };
      await app.log(1).then((id) => wanted.push(id));
      await caughtUp();
      for (const step of [...sequence, 'store', 'store', 'leave']) {
        if (step === 'begin') underWay.push(await app.begin(2));
        else if (step === 'log') wanted.push(await app.log(3));
        else if (step === 'store') {
          const next = underWay.shift();
          next?.store();
          if (next === undefined) continue;
          wanted.push(next.id);
          late.add(next.id);
        } else {
          // Whoever leaves has seen some of it.
          if (wanted.length % 2 === 0) await caughtUp();
          await leave();
          tail = await app.open(`/ws/logs?since=${seen.at(-1) ?? since}`);
        }
      }
      await caughtUp();
      await leave();
      assert.deepEqual([...new Set(seen)].toSorted(), wanted.toSorted());
      // A replay brings events in the order of their ids, and so one that came late before what it came behind: who leaves
      // then may be given it once more.
      const twice = seen.filter((id, index) => seen.indexOf(id) !== index);
      assert.deepEqual(
        twice.filter((id) => !late.has(id)),
        [],
      );
    }),
    { numRuns: 40 },
  );
});
