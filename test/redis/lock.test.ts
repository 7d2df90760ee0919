import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { connect, untilReady } from '../../src/redis/connection.ts';
import { RedisLock } from '../../src/redis/lock.ts';
import { NO_REDIS_SERVER, type RedisServer, startRedis } from '../fixtures/redis-server.ts';
import { eventually } from '../fixtures/wait.ts';

const silent = { warn() {}, info() {} };

suite('the lock of a leader in Redis', { skip: NO_REDIS_SERVER }, () => {
  let server: RedisServer;
  before(async () => {
    server = await startRedis();
  });
  after(() => server.dispose());

  test('one has it, until it gives it back or lapses', async (t) => {
    const redis = connect({ url: server.url, name: 'locks', log: silent });
    t.after(() => redis.disconnect());
    await untilReady(redis);
    const lock = (holder: string, leaseMs: number) => new RedisLock({ redis, key: 'lock:test', holder, leaseMs });
    const [a, b, brief] = [lock('a', 60_000), lock('b', 60_000), lock('brief', 5)];
    assert.equal(await a.claim(), 'held');
    assert.equal(await a.claim(), 'held');
    assert.equal(await b.claim(), 'taken');
    await b.release();
    assert.equal(await b.claim(), 'taken');
    await a.release();
    assert.equal(await brief.claim(), 'held');
    await eventually(async () => (await b.claim()) === 'held', 'the brief one to lapse');
    await redis.flushall();
    assert.equal(await a.claim(), 'held');
  });

  test('without Redis nobody can say whose it is', async (t) => {
    const redis = connect({ url: server.url, name: 'locks', log: silent });
    t.after(() => redis.disconnect());
    await untilReady(redis);
    const lock = new RedisLock({ redis, key: 'lock:away', holder: 'a', leaseMs: 1000 });
    await server.kill();
    assert.equal(await lock.claim(), 'unknown');
    await lock.release();
  });
});
