import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { connect, untilReady } from '../../src/redis/connection.ts';
import { RateCounter } from '../../src/redis/rate-counter.ts';
import { NO_REDIS_SERVER, type RedisServer, startRedis } from '../fixtures/redis-server.ts';
import { eventually } from '../fixtures/wait.ts';

const silent = { warn() {}, info() {} };
const HOUR_MS = 3_600_000;

suite('rate limits shared through Redis', { skip: NO_REDIS_SERVER }, () => {
  let server: RedisServer;
  before(async () => {
    server = await startRedis();
  });
  after(() => server.dispose());

  test('two replicas count together, and a window ends', async (t) => {
    const counters = await Promise.all(
      ['a', 'b'].map(async (name) => {
        const redis = connect({ url: server.url, name, log: silent });
        t.after(() => redis.disconnect());
        await untilReady(redis);
        return new RateCounter(redis, systemClock);
      }),
    );
    const [a, b] = counters;
    assert.ok(a !== undefined && b !== undefined);
    const key = randomUUID();
    assert.equal((await a.count(key, HOUR_MS))?.count, 1);
    assert.equal((await b.count(key, HOUR_MS))?.count, 2);
    const third = await a.count(key, HOUR_MS);
    assert.equal(third?.count, 3);
    assert.ok(third.resetsInMs > HOUR_MS - 60_000 && third.resetsInMs <= HOUR_MS);
    const brief = randomUUID();
    await a.count(brief, 5);
    await eventually(async () => (await a.count(brief, 5))?.count === 1, 'a new window');
  });

  test('without Redis, and when it stands still, there is no count, at once', async (t) => {
    const redis = connect({ url: server.url, name: 'alone', log: silent });
    t.after(() => redis.disconnect());
    await untilReady(redis);
    const counter = new RateCounter(redis, systemClock);
    server.signal('SIGSTOP');
    const asked = Array.from({ length: 20 }, () => counter.count('x', HOUR_MS));
    assert.deepEqual(new Set(await Promise.all(asked)), new Set([undefined]));
    const began = performance.now();
    assert.equal(await counter.count('x', HOUR_MS), undefined);
    assert.ok(performance.now() - began < 50, 'who did not answer is left alone');
    server.signal('SIGCONT');
    await eventually(async () => (await counter.count('x', HOUR_MS)) !== undefined, 'the count to be back');
    await server.kill();
    await eventually(() => redis.status !== 'ready', 'the loss to be noticed');
    assert.equal(await counter.count('x', HOUR_MS), undefined);
  });
});
