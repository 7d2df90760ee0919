import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, suite, type TestContext, test } from 'node:test';
import { Redis } from 'ioredis';
import type { Delivery } from '../../src/bus/bus.ts';
import { ENTRY_EVENTS } from '../../src/bus/redis/entry.ts';
import { RedisBus } from '../../src/bus/redis/redis-bus.ts';
import { STREAM_CHARACTERS } from '../../src/bus/redis/streams.ts';
import { systemClock } from '../../src/core/clock.ts';
import { busContract } from '../fixtures/bus-contract.ts';
import { alertMessage, logBatch } from '../fixtures/live-samples.ts';
import { NO_REDIS, NO_REDIS_SERVER, type RedisServer, startRedis } from '../fixtures/redis-server.ts';
import { eventually } from '../fixtures/wait.ts';

const silent = { error() {}, warn() {}, info() {} };
/** Streams are trimmed by whole nodes of a hundred entries. */
const MAX_ENTRIES = 4000;

suite('the bus over Redis', { skip: NO_REDIS }, () => {
  let server: RedisServer | undefined;
  let url = process.env.TEST_REDIS_URL ?? '';
  before(async () => {
    if (url !== '') return;
    server = await startRedis();
    url = server.url;
  });
  after(() => server?.dispose());

  busContract(
    'redis',
    () => RedisBus.open({ url, clock: systemClock, log: silent, prefix: `${randomUUID()}:`, maxEntries: MAX_ENTRIES }),
    { forgetsAfter: MAX_ENTRIES + 200 },
  );
});

/** What was heard, in order: ids of events, and `gap`. */
function story(bus: RedisBus, position?: string): string[] {
  const heard: string[] = [];
  const listener = (delivery: Delivery<'log'>) => {
    if (delivery.type === 'gap') heard.push('gap');
    else heard.push(...delivery.payload.events.map((_, index) => delivery.payload.id(index)));
  };
  bus.subscribe('log', listener, position);
  return heard;
}

const ids = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => logBatch(from + index, 1).id(0));

suite('replicas and their Redis', { skip: NO_REDIS_SERVER }, () => {
  let server: RedisServer;
  before(async () => {
    server = await startRedis();
  });
  after(() => server.dispose());

  const openBus = async (t: TestContext, prefix: string) => {
    const bus = await RedisBus.open({ url: server.url, clock: systemClock, log: silent, prefix });
    t.after(() => bus.close());
    return bus;
  };
  const openPair = async (t: TestContext) => {
    const prefix = `${randomUUID()}:`;
    return [await openBus(t, prefix), await openBus(t, prefix)] as const;
  };

  test('each replica hears all of all, its own included, in one order', async (t) => {
    const [a, b] = await openPair(t);
    const [atA, atB] = [story(a), story(b)];
    for (let number = 0; number < 300; number += 3) {
      a.publish('log', logBatch(number, 1));
      b.publish('log', logBatch(number + 1, 2));
    }
    await eventually(() => atA.length === 300 && atB.length === 300, 'all at both');
    assert.deepEqual(atA, atB);
    assert.deepEqual(atA.toSorted(), ids(0, 300));
    assert.deepEqual(
      atA.filter((id) => Number(id) % 3 === 0),
      ids(0, 300).filter((id) => Number(id) % 3 === 0),
    );
  });

  test('what was published is what arrives elsewhere, whole and exact', async (t) => {
    const [a, b] = await openPair(t);
    const heard: unknown[] = [];
    b.subscribe('log', (delivery) => {
      if (delivery.type === 'message')
        heard.push([delivery.payload.kind, delivery.payload.receivedAt, delivery.payload.events]);
    });
    b.subscribe('alert', (delivery) => {
      if (delivery.type === 'message') heard.push(delivery.payload);
    });
    const batch = logBatch(0, 2, { meta: { a: [1, { b: null }], '\u2028': 1e-7 }, tags: { region: 'ü🙂"\\' } });
    a.publish('log', batch);
    await eventually(() => heard.length === 1, 'the batch');
    a.publish('alert', alertMessage(1));
    await eventually(() => heard.length === 2, 'the alert');
    assert.deepEqual(heard, [[batch.kind, batch.receivedAt, batch.events], alertMessage(1)]);
  });

  test('a very large batch travels in parts', async (t) => {
    const [a, b] = await openPair(t);
    const heard = story(b);
    const total = 3 * ENTRY_EVENTS + 7;
    a.publish('log', logBatch(0, total));
    a.publish('log', logBatch(total, 40, { message: 'm'.repeat(60_000) }));
    await eventually(() => heard.length >= total + 40, 'all parts');
    assert.deepEqual(heard, ids(0, total + 40));
  });

  test('of large entries fewer are kept: Redis has them in memory', async (t) => {
    const prefix = `${randomUUID()}:`;
    const bus = await openBus(t, prefix);
    const admin = new Redis(server.url);
    t.after(() => admin.disconnect());
    const [batches, characters] = [120, 1_000_000];
    for (let number = 0; number < batches; number++) {
      bus.publish('log', logBatch(number, 1, { message: 'm'.repeat(characters) }));
      await eventually(() => bus.stats().published === number + 1, 'it to be published');
    }
    const kept = await admin.xlen(`${prefix}stream:logs`);
    assert.ok(kept > 0 && kept * characters < 1.3 * STREAM_CHARACTERS, `${kept} are kept`);
    await admin.del(`${prefix}stream:logs`);
  });

  test('a position of one replica is good at another, and at one that starts later', async (t) => {
    const prefix = `${randomUUID()}:`;
    const [a, b] = [await openBus(t, prefix), await openBus(t, prefix)];
    const positions: string[] = [];
    a.subscribe('log', (delivery) => {
      if (delivery.type === 'message') positions.push(delivery.position);
    });
    for (let number = 0; number < 100; number++) b.publish('log', logBatch(number, 1));
    await eventually(() => positions.length === 100, 'all at the first');
    const late = await openBus(t, prefix);
    assert.equal(late.position('log'), positions[99]);
    const heard = [story(b, positions[49]), story(late, positions[89])];
    a.publish('log', logBatch(100, 1));
    await eventually(() => heard.every((ids) => ids.at(-1) === logBatch(100, 1).id(0)), 'the newest');
    assert.deepEqual(heard, [ids(50, 101), ids(90, 101)]);
  });

  test('a stream that is flushed shows as a gap, and goes on', async (t) => {
    const [a, b] = await openPair(t);
    const heard = story(b);
    a.publish('log', logBatch(0, 1));
    await eventually(() => heard.length === 1, 'the first');
    const admin = new Redis(server.url);
    t.after(() => admin.disconnect());
    await admin.flushall();
    await eventually(() => heard.length === 2, 'the gap');
    a.publish('log', logBatch(1, 1));
    await eventually(() => heard.length === 3, 'the second');
    assert.deepEqual(heard, [...ids(0, 1), 'gap', ...ids(1, 2)]);
  });

  test('without Redis publishing neither throws nor waits; when it is back, so are the messages, after a gap', async (t) => {
    const [a, b] = await openPair(t);
    const heard = story(b);
    a.publish('log', logBatch(0, 1));
    await eventually(() => heard.length === 1, 'the first');
    await server.kill();
    await eventually(() => !a.stats().connected, 'the loss to be noticed');
    for (let number = 1; number < 50; number++) a.publish('log', logBatch(number, 1));
    assert.equal(a.stats().dropped, 49);
    await server.start();
    await eventually(() => a.stats().connected, 'the connection to be made again');
    await eventually(() => heard.includes('gap'), 'the gap to be told before anything else is published');
    a.publish('log', logBatch(50, 1));
    await eventually(() => heard.at(-1) === logBatch(50, 1).id(0), 'what comes after');
    assert.deepEqual(new Set(heard.slice(1, -1)), new Set(['gap']));
  });

  test('a Redis that stands still takes bounded memory and hurts nobody', async (t) => {
    const [a, b] = await openPair(t);
    const heard = story(b);
    a.publish('log', logBatch(0, 1));
    await eventually(() => heard.length === 1, 'the first');
    server.signal('SIGSTOP');
    try {
      const batch = logBatch(1, 1000, { message: 'm'.repeat(10_000) });
      for (let count = 0; count < 40; count++) {
        a.publish('log', batch);
        await new Promise(setImmediate);
      }
      assert.ok(a.stats().dropped > 0, 'what is too much is left out');
    } finally {
      server.signal('SIGCONT');
    }
    await eventually(() => heard.includes('gap'), 'the gap');
    await eventually(async () => {
      a.publish('log', logBatch(2000, 1));
      return heard.at(-1) === logBatch(2000, 1).id(0);
    }, 'what comes after');
  });

  test('a bus that starts without Redis finds it later', async (t) => {
    await server.kill();
    const bus = await RedisBus.open({ url: server.url, clock: systemClock, log: silent, prefix: `${randomUUID()}:` });
    t.after(() => bus.close());
    assert.equal(bus.stats().connected, false);
    const heard = story(bus);
    bus.publish('log', logBatch(0, 1));
    await server.start();
    await eventually(() => bus.stats().connected && heard.includes('gap'), 'the gap');
    bus.publish('log', logBatch(1, 1));
    await eventually(() => heard.at(-1) === logBatch(1, 1).id(0), 'what comes after');
  });
});
