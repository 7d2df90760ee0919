import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { KINDS, type Kind } from '../../schemas/event.ts';
import { copy, type StoreAddress } from '../../src/command/copy.ts';
import { ArrivalClock, copyEvents } from '../../src/command/copy-events.ts';
import type { EventOf } from '../../src/core/event.ts';
import { EmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { Store } from '../../src/store/store.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { SKIPPED, testDatabase } from '../fixtures/mongo-database.ts';
import { aHeartbeat, aLog, aMetric, aSecurityEvent, aSpan, NOON } from '../fixtures/samples.ts';
import { aRule } from '../fixtures/store-contract/asking.ts';
import { openMongo } from '../store/mongo/open-mongo.ts';

const HOUR_MS = 3_600_000;
const silent = { warn: () => undefined, error: () => undefined };

async function folder(t: TestContext): Promise<StoreAddress> {
  const dataDir = await mkdtemp(join(tmpdir(), 'lightwatch-copy-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  return { mongoUri: undefined, dataDir };
}

const openFolder = ({ dataDir }: StoreAddress, clock = fakeClock(NOON)) =>
  EmbeddedStore.open({ dataDir, dedupWindowMs: 600_000, clock, log: silent });

/** Events of every kind over some hours, some with an `event_id`, and two rules. */
async function fill(address: StoreAddress): Promise<void> {
  const clock = fakeClock(NOON);
  const store = await openFolder(address, clock);
  for (let hour = 0; hour < 3; hour++) {
    const timestamp = NOON - hour * HOUR_MS;
    await store.append('log', [
      aLog({ timestamp, message: `${hour}`, event_id: `mine-${hour}`, tags: { a: 'b' }, meta: { 'a.b': [1] } }),
      aLog({ timestamp, message: `${hour} without` }),
    ]);
    await store.append('metric', [aMetric({ timestamp, value: hour / 3 })]);
    await store.append('security', [aSecurityEvent({ timestamp })]);
    await store.append('heartbeat', [aHeartbeat({ timestamp, host: `h${hour}` })]);
    await store.append('span', [aSpan()]);
    clock.advance(HOUR_MS);
  }
  await store.documents.insert('rules', aRule('z'));
  await store.documents.insert('rules', { ...aRule('a'), enabled: false });
  await store.close();
}

/** Everything of a store but what it calls its own: ids. */
async function contents(store: Store): Promise<unknown> {
  const events = await Promise.all(
    KINDS.map(async (kind) => (await store.since<Kind>(kind, '', 1000)).map(({ id: _, ...event }) => event)),
  );
  const { items } = await store.documents.list('rules');
  const services = (await store.services()).toSorted((a, b) => `${a.host}`.localeCompare(`${b.host}`));
  return { events, rules: items.map(({ document }) => document), services };
}

async function contentsOf(address: StoreAddress): Promise<unknown> {
  const store = await openFolder(address);
  try {
    return await contents(store);
  } finally {
    await store.close();
  }
}

test('a folder is copied whole, with the times of arrival, and again without doubles', async (t) => {
  const [from, to] = [await folder(t), await folder(t)];
  await fill(from);
  await copy({ from, to });
  await copy({ from, to });
  assert.deepEqual(await contentsOf(to), await contentsOf(from));
});

test('a folder without a store is no source, and none is made of it', async (t) => {
  const [from, to] = [await folder(t), await folder(t)];
  await assert.rejects(copy({ from, to }), /there is no store in/);
});

test('an interrupted copy goes on where it ended, also when that was not written down', async () => {
  const from = memoryStore();
  const events: EventOf<'log'>[] = Array.from({ length: 120 }, (_, i) => aLog({ message: `${i}` }));
  await from.append('log', events);
  // It knows no event_id again: what is stored twice shows.
  const to = memoryStore({ dedupWindowMs: 0 });
  const copied: number[] = [];
  for (const pages of [1, 1, 10]) {
    const interrupted = new AbortController();
    let left = pages;
    const show = () => void (--left === 0 && interrupted.abort());
    const signal = interrupted.signal;
    const parts = { kind: 'log', from, to, clock: new ArrivalClock(), source: 's', pageEvents: 50 } as const;
    const progress = await copyEvents({ ...parts, signal, show });
    copied.push(progress.events);
    assert.equal(progress.left_out, 0);
    // As if it had been killed after its second page was stored: where it was is that of the first.
    if (copied.length === 2) {
      const known = await to.documents.get('copies', 's:log');
      assert.ok(known);
      const after = (await from.since('log', '', 50)).at(-1)?.id ?? '';
      await to.documents.update('copies', { ...known.document, after }, known.version);
    }
  }
  assert.deepEqual(copied.slice(0, 2), [50, 100]);
  assert.deepEqual(
    (await to.since('log', '', 200)).map(({ message }) => message),
    events.map(({ message }) => message),
  );
});

describe('with MongoDB', { skip: SKIPPED }, () => {
  test('there and back again', async (t) => {
    const database = await testDatabase();
    t.after(() => database.drop());
    const [from, to] = [await folder(t), await folder(t)];
    await fill(from);
    const there: StoreAddress = { mongoUri: database.uri, dataDir: '' };
    await copy({ from, to: there });
    const mongo = await openMongo(database.uri, { clock: fakeClock(NOON) });
    assert.deepEqual(await contents(mongo), await contentsOf(from));
    await mongo.close();
    await copy({ from: there, to });
    assert.deepEqual(await contentsOf(to), await contentsOf(from));
  });

  test('of events with the same event_id MongoDB keeps one, and the count knows', async (t) => {
    const database = await testDatabase();
    t.after(() => database.drop());
    const from = await folder(t);
    const clock = fakeClock(NOON);
    const store = await openFolder(from, clock);
    await store.append('log', [aLog({ event_id: 'x' }), aLog({ event_id: 'y' })]);
    clock.advance(HOUR_MS);
    await store.append('log', [aLog({ event_id: 'x' })]);
    await store.close();
    await copy({ from, to: { mongoUri: database.uri, dataDir: '' } });
    assert.equal(await database.db.collection('logs').countDocuments(), 2);
  });
});
