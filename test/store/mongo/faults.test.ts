import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { EVERYTHING } from '../../../src/core/filter.ts';
import type { MongoStore } from '../../../src/store/mongo/mongo-store.ts';
import { buildTestApp } from '../../fixtures/build-app.ts';
import { SKIPPED, type TestDatabase, testDatabase, throughPort } from '../../fixtures/mongo-database.ts';
import { aLog } from '../../fixtures/samples.ts';
import { type TcpProxy, tcpProxy } from '../../fixtures/tcp-proxy.ts';
import { eventually } from '../../fixtures/wait.ts';
import { openMongo } from './open-mongo.ts';

/** What a batch of these tests has at least, and no other command: its answer is the one that is lost. */
const BATCH_BYTES = 10_000;
const batch = () => [
  aLog({ event_id: 'x', message: 'x'.repeat(BATCH_BYTES) }),
  aLog({ message: 'without an event_id' }),
];

describe('MongoDB away', { skip: SKIPPED }, () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let store: MongoStore;
  let uri: string;

  before(async () => {
    database = await testDatabase();
    proxy = await tcpProxy(Number(new URL(database.uri).port));
    uri = throughPort(database.uri, proxy.port);
    store = await openMongo(uri, { timeoutMs: 1000 });
  });
  beforeEach(() => database.empty());
  after(async () => {
    await store?.close();
    await proxy?.close();
    await database?.drop();
  });

  const total = async () =>
    (await store.page({ kind: 'log', where: EVERYTHING, order: 'asc', limit: 1, offset: 0, total: true })).total;
  const unavailable = { code: 'LW_STORE_UNAVAILABLE', retryAfterS: 5 };

  test('a batch whose answer is lost is stored once, and is new', async () => {
    proxy.loseAnswerAfter(BATCH_BYTES);
    const appended = await store.append('log', batch());
    assert.equal(appended.stored.events.length, 2);
    assert.equal(await total(), 2);
    assert.equal((await store.get('log', 'x'))?.id, appended.id(0));
  });

  for (const fault of ['cut', 'freeze'] as const) {
    test(`everything is refused as unavailable, and goes on by itself: ${fault}`, async () => {
      await store.append('log', batch());
      proxy[fault]();
      await assert.rejects(store.append('log', [aLog({ event_id: 'y' })]), unavailable);
      await assert.rejects(total(), unavailable);
      await assert.rejects(store.documents.get('rules', 'r'), unavailable);
      await assert.rejects(store.documents.delete('rules', 'r'), unavailable);
      await assert.rejects(store.check(), unavailable);
      proxy.restore();
      await store.append('log', [aLog({ event_id: 'y' }), aLog({ event_id: 'x' })]);
      await store.append('log', [aLog({ event_id: 'y' })]);
      assert.equal(await total(), 3);
    });
  }

  test('a server whose database is away says so, is not ready, and recovers', async (t) => {
    const app = await buildTestApp(t, { env: { MONGO_URI: uri, MONGO_TIMEOUT: '3s' } });
    const { fastify } = app;
    const send = () =>
      fastify.inject({ method: 'POST', url: '/ingest/logs', payload: { service: 's', level: 'info', message: 'm' } });
    const ready = async () => (await fastify.inject('/ready')).statusCode;
    assert.equal((await send()).statusCode, 201);
    assert.equal(await ready(), 200);
    proxy.cut();
    const refused = await send();
    assert.equal(refused.statusCode, 503);
    assert.equal(refused.json().error.code, 'LW_STORE_UNAVAILABLE');
    assert.equal(refused.headers['retry-after'], '5');
    assert.equal((await fastify.inject('/api/logs')).statusCode, 503);
    assert.equal(await ready(), 503);
    proxy.restore();
    await eventually(async () => (await ready()) === 200, 'the server to be ready again');
    assert.equal((await send()).statusCode, 201);
    assert.equal((await fastify.inject('/api/logs?service=s')).json().total, 2);
    const { store: figures } = (await fastify.inject('/stats')).json();
    assert.equal(figures.engine, 'mongodb');
  });
});
