import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Clock, systemClock } from '../../../src/core/clock.ts';
import { EVERYTHING } from '../../../src/core/filter.ts';
import type { MongoStore } from '../../../src/store/mongo/mongo-store.ts';
import { SKIPPED, type TestDatabase, testDatabase } from '../../fixtures/mongo-database.ts';
import { aHeartbeat, aLog } from '../../fixtures/samples.ts';
import { FOREVER, openMongo } from './open-mongo.ts';

const DAY_MS = 86_400_000;

describe('MongoDB shared by replicas', { skip: SKIPPED }, () => {
  let database: TestDatabase;
  let replicas: readonly [MongoStore, MongoStore];

  before(async () => {
    database = await testDatabase();
    // Both at once: each may find what the other has just made.
    replicas = await Promise.all([openMongo(database.uri), openMongo(database.uri)]);
  });
  beforeEach(() => database.empty());
  after(async () => {
    for (const replica of replicas ?? []) await replica.close();
    await database?.drop();
  });

  test('ids are unique, and an event_id is stored once, whoever takes it', async () => {
    const batch = Array.from({ length: 50 }, (_, i) => aLog(i % 2 === 0 ? { event_id: `e${i}` } : {}));
    const answers = await Promise.all([...replicas, ...replicas].map((replica) => replica.append('log', batch)));
    const [ids = [], ...others] = answers.map(({ id }) => batch.map((_, index) => id(index)));
    for (const other of others) {
      for (const [index, id] of other.entries()) assert.equal(id === ids[index], index % 2 === 0);
    }
    const stored = await replicas[1].since('log', '', 1000);
    assert.equal(stored.length, 25 + 4 * 25);
    assert.equal(new Set(stored.map(({ id }) => id)).size, stored.length);
    assert.equal(
      answers.reduce((sum, answer) => sum + answer.stored.events.length, 0),
      stored.length,
    );
  });

  test('who resumes after an event finds what a replica stored later with an older id', async (t) => {
    const behind: Clock = { ...systemClock, now: () => systemClock.now() - 4000 };
    const slow = await openMongo(database.uri, { clock: behind });
    t.after(() => slow.close());
    const [quick] = replicas;
    const seen = (await quick.append('log', [aLog()])).id(0);
    const late = (await slow.append('log', [aLog()])).id(0);
    assert.ok(late < seen);
    assert.deepEqual(await quick.since('log', seen, 10), []);
    const found = await quick.since('log', quick.resumeAfter(seen), 10);
    assert.deepEqual(
      found.map(({ id }) => id),
      [late, seen],
    );
  });

  test('what one has stored the other sees at once, in pages, services and documents', async () => {
    const [one, other] = replicas;
    await one.append('heartbeat', [aHeartbeat({ version: '1' })]);
    await other.append('heartbeat', [aHeartbeat({ version: '2' })]);
    for (const replica of replicas) {
      const [record, ...more] = await replica.services();
      assert.deepEqual([record?.version, more.length], ['2', 0]);
      const { total } = await replica.page({
        kind: 'heartbeat',
        where: EVERYTHING,
        order: 'desc',
        limit: 1,
        offset: 0,
        total: true,
      });
      assert.equal(total, 2);
    }
  });

  test('a retention that was changed is changed in place', async () => {
    const ttl = async () => {
      const indexes = await database.db.collection('logs').indexes();
      return indexes.filter(({ expireAfterSeconds }) => expireAfterSeconds !== undefined);
    };
    const [before] = await ttl();
    assert.equal(Number(before?.expireAfterSeconds), 3650 * 86_400);
    const later = await openMongo(database.uri, { retentionMs: { ...FOREVER, log: 7 * DAY_MS } });
    await later.close();
    const [changed, ...more] = await ttl();
    assert.deepEqual([changed?.name, Number(changed?.expireAfterSeconds), more.length], [before?.name, 7 * 86_400, 0]);
    // As in a database that was made before there was one.
    await database.db.dropCollection('logs');
    await (await openMongo(database.uri)).close();
    assert.equal((await ttl()).length, 1);
  });

  test('the database itself describes its documents, and warns', async () => {
    const [logs] = await database.db.listCollections({ name: 'logs' }).toArray();
    const options = logs !== undefined && 'options' in logs ? logs.options : undefined;
    assert.equal(options?.validationAction, 'warn');
    assert.deepEqual(options?.validator?.$jsonSchema.properties.level, {
      enum: ['debug', 'info', 'warn', 'error', 'fatal'],
    });
  });

  test('an older heartbeat that is written down late does not hide a newer one', async () => {
    const services = database.db.collection<{ _id: string; heartbeat: string }>('services');
    const [one] = replicas;
    await one.append('heartbeat', [aHeartbeat({ version: '1' })]);
    await services.updateOne({ _id: '["pay",null]' }, { $set: { heartbeat: '9999999999999999zz', version: 'newer' } });
    await one.append('heartbeat', [aHeartbeat({ version: '2' })]);
    assert.deepEqual(
      (await one.services()).map(({ version }) => version),
      ['newer'],
    );
  });
});
