import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, suite, test } from 'node:test';
import { Redis } from 'ioredis';
import { WebSocket } from 'ws';
import { openTarget } from '../alert/alerting.ts';
import { Tail } from '../fixtures/live-app.ts';
import { SKIPPED, type TestDatabase, testDatabase } from '../fixtures/mongo-database.ts';
import { NO_REDIS_SERVER, type RedisServer, startRedis } from '../fixtures/redis-server.ts';
import { type ServerProcess, startServerProcess } from '../fixtures/server-process.ts';
import { eventually } from '../fixtures/wait.ts';

const LEASE_MS = 3000;
/** Times the leader is put to sleep: more of them by hand, when the lead itself was changed. */
const NAPS = Number(process.env.TEST_NAPS ?? 1);

async function postLogs(replica: ServerProcess, events: readonly object[]): Promise<number> {
  const answer = await fetch(`${replica.url}/ingest/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(events),
  });
  return answer.status;
}

const log = (message: string, level = 'info') => ({ service: 'pay', level, message });

/** What a replica answers, as far as it is looked at here. */
interface Answer {
  readonly total: number;
  readonly alert: { readonly leader: boolean; readonly ticks: number };
  readonly error: { readonly details: unknown };
}

async function api(replica: ServerProcess, path: string): Promise<Answer> {
  const answer: Answer = JSON.parse(await (await fetch(`${replica.url}${path}`)).text());
  return answer;
}

suite('replicas with a role each', { skip: NO_REDIS_SERVER ?? SKIPPED }, () => {
  let redis: RedisServer;
  let database: TestDatabase;
  const replicas: ServerProcess[] = [];
  const ofRole = (role: number) => replicas[role] ?? assert.fail('a replica has not started');

  before(async () => {
    redis = await startRedis();
    database = await testDatabase();
    const shared = { MONGO_URI: database.uri, REDIS_URL: redis.url, WEBHOOK_ALLOW: '127.0.0.1' };
    const alerting = { ALERT_INTERVAL: '1s', ALERT_LEASE: `${LEASE_MS / 1000}s` };
    const start = (ROLES: string) => startServerProcess({ ...shared, ...alerting, ROLES });
    // One alone makes the collections: the others find them.
    replicas.push(await start('ingest'));
    const others = ['ingest', 'query', 'realtime', 'realtime', 'alert', 'alert'];
    replicas.push(...(await Promise.all(others.map(start))));
  });
  after(async () => {
    for (const replica of replicas) await replica.kill();
    await redis.dispose();
    await database.drop();
  });

  const openTails = () =>
    Promise.all(
      [ofRole(3), ofRole(4)].map(async ({ url }) => {
        const tail = new Tail(new WebSocket(`${url.replace('http', 'ws')}/ws/logs?service=pay`));
        await once(tail.socket, 'open');
        return tail;
      }),
    );

  test('each live replica shows what any ingest replica stored, and a query finds it', async () => {
    const tails = await openTails();
    const messages: string[] = [];
    for (let number = 0; number < 20; number++) {
      messages.push(`order ${number}`);
      assert.equal(await postLogs(ofRole(number % 2), [log(`order ${number}`)]), 200);
    }
    for (const tail of tails) {
      await tail.count(20);
      assert.deepEqual(tail.all('message').toSorted(), messages.toSorted());
      tail.socket.terminate();
    }
    const { total } = await api(ofRole(2), '/api/logs?service=pay');
    assert.equal(total, 20);
    assert.deepEqual((await api(ofRole(0), '/api/logs')).error.details, [{ role: 'query' }]);
  });

  test('Redis flushed and killed under load: nothing acknowledged is missing, and no tail stays silent', async (t) => {
    const tails = await openTails();
    let acknowledged = 0;
    let running = true;
    const send = async (replica: ServerProcess) => {
      while (running) {
        assert.equal(await postLogs(replica, [log(`load ${acknowledged}`), log('load too')]), 200);
        acknowledged += 2;
      }
    };
    const senders = [send(ofRole(0)), send(ofRole(1))];
    const shown = (tail: Tail) => tail.received.length;
    await eventually(() => tails.every((tail) => shown(tail) > 10), 'the load to be shown');
    const admin = new Redis(redis.url);
    t.after(() => admin.disconnect());
    admin.on('error', () => {});
    await admin.flushall();
    const afterFlush = tails.map(shown);
    await eventually(() => tails.every((tail, index) => shown(tail) > (afterFlush[index] ?? 0) + 10), 'it to go on');
    await redis.kill();
    const stored = acknowledged;
    await eventually(() => acknowledged > stored + 10, 'ingest to go on without Redis');
    await redis.start();
    const afterStart = tails.map(shown);
    await eventually(
      () => tails.every((tail, index) => shown(tail) > (afterStart[index] ?? 0) + 10),
      'the tails to be back',
    );
    running = false;
    await Promise.all(senders);
    const { total } = await api(ofRole(2), '/api/logs?service=pay&q=load');
    assert.equal(total, acknowledged);
    for (const tail of tails) {
      const told = tail.received.some(({ type }) => type === 'gap');
      const loaded = tail.all('message').filter((message) => String(message).startsWith('load')).length;
      assert.ok(told || loaded === acknowledged, `shown ${loaded} of ${acknowledged}, and no gap was told`);
      tail.socket.terminate();
    }
  });

  test('one replica sends each alert; when the leader sleeps the other follows, and the sleeper sends nothing', async (t) => {
    const target = await openTarget(t);
    const alerts = [ofRole(5), ofRole(6)];
    const leads = async (replica: ServerProcess) => (await api(replica, '/stats')).alert.leader === true;
    for (let nap = 0; nap < NAPS; nap++) {
      await eventually(async () => (await Promise.all(alerts.map(leads))).includes(true), 'a leader');
      const [first, second] = alerts;
      assert.ok(first !== undefined && second !== undefined);
      const [leader, follower] = (await leads(first)) ? [first, second] : [second, first];
      leader.signal('SIGSTOP');
      const stoppedAt = performance.now();
      try {
        await eventually(() => leads(follower), 'the other to lead');
        const tookMs = performance.now() - stoppedAt;
        assert.ok(tookMs < 2 * LEASE_MS, `another led after ${Math.round(tookMs)} ms`);
        const service = `nap-${nap}`;
        const rule = { service, threshold: 1, windowMinutes: 5, cooldownMinutes: 5, webhook: target.url };
        const made = await fetch(`${follower.url}/api/alerts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(rule),
        });
        assert.equal(made.status, 201);
        assert.equal(await postLogs(ofRole(0), [{ ...log('card refused', 'error'), service }]), 200);
        const received = () => target.received.filter(({ payload }) => payload.service === service);
        await eventually(() => received().length > 0, 'the breach to be told');
        await eventually(() => performance.now() - stoppedAt > 3 * LEASE_MS, 'three leases to pass');
        leader.signal('SIGCONT');
        const ticks = async () => (await api(follower, '/stats')).alert.ticks;
        const seen = await ticks();
        await eventually(async () => (await ticks()) > seen + 2, 'some ticks after it woke');
        assert.deepEqual([await leads(leader), await leads(follower)], [false, true]);
        assert.equal(new Set(received().map(({ headers }) => headers['webhook-id'])).size, 1);
      } finally {
        leader.signal('SIGCONT');
      }
    }
  });
});
