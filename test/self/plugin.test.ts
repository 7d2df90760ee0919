import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Fastify from 'fastify';
import { pino } from 'pino';
import { InProcessBus } from '../../src/bus/in-process/in-process-bus.ts';
import { readConfig } from '../../src/config.ts';
import { EVERYTHING } from '../../src/core/filter.ts';
import { StatsRegistry } from '../../src/http/stats.ts';
import { LogTap } from '../../src/self/log-tap.ts';
import { selfModule } from '../../src/self/plugin.ts';
import type { RecordEvents } from '../../src/self/safe-record.ts';
import type { Store } from '../../src/store/store.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { eventually } from '../fixtures/wait.ts';

interface Setting {
  readonly record?: RecordEvents;
  readonly check?: Store['check'];
}

async function setUp(t: TestContext, { record, check }: Setting = {}) {
  const clock = fakeClock();
  const memory = memoryStore({ clock });
  const store: Store = check === undefined ? memory : { ...memory, check };
  const config = readConfig({ ROLES: 'ingest,query' });
  const written: string[] = [];
  const tap = new LogTap({ write: (line) => void written.push(line) });
  const log = pino({ level: 'info' }, tap);
  const bus = new InProcessBus(log);
  const app = Fastify();
  app.decorate('stats', new StatsRegistry());
  app.stats.add('ingest', () => ({ waiting: 3, commits: 7 }), { counters: ['commits'] });
  let calls = 0;
  const counted: RecordEvents = (kind, events) => {
    calls += 1;
    return (record ?? ((k, e) => memory.append(k, e)))(kind, events);
  };
  await app.register(selfModule, { config, store, bus, clock, tap, record: counted });
  app.post('/ingest/logs', (request, reply) => reply.code(request.query === undefined ? 500 : 201).send({}));
  app.get('/api/logs', () => ({ data: [] }));
  app.get('/broken', () => {
    throw new Error('a secret cause');
  });
  app.get('/health', () => ({}));
  await app.ready();
  t.after(() => app.close());
  const page = (kind: 'log' | 'metric' | 'heartbeat') =>
    memory
      .page({ kind, where: EVERYTHING, order: 'asc', limit: 500, offset: 0, total: false })
      .then(({ events }) => events);
  const messages = async () =>
    (
      await memory.page({ kind: 'log', where: EVERYTHING, order: 'asc', limit: 500, offset: 0, total: false })
    ).events.map(({ message }) => message);
  return { app, clock, log, page, messages, written, calls: () => calls };
}

test('it says that it started, that it lives and how it is, again and again', async (t) => {
  const { clock, page, messages } = await setUp(t);
  assert.match((await messages())[0] ?? '', /^Lightwatch \d\S* started$/);
  await eventually(async () => (await page('metric')).length > 0, 'metrics');
  const [beat] = await page('heartbeat');
  assert.deepEqual([beat?.service, beat?.tags], ['lightwatch', { roles: 'ingest,query' }]);
  const metrics = await page('metric');
  const of = (name: string) => metrics.find((metric) => 'name' in metric && metric.name === name);
  assert.deepEqual(
    ['ingest_waiting', 'ingest_commits_total', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds'].map(
      (name) => of(name) !== undefined,
    ),
    [true, true, true, true],
  );
  clock.advance(15_000);
  await eventually(async () => (await page('heartbeat')).length === 2, 'a second heartbeat');
});

test('a store that is not well shows as degraded', async (t) => {
  const { page } = await setUp(t, { check: () => Promise.reject(new Error('no disk')) });
  await eventually(async () => (await page('heartbeat')).length > 0, 'a heartbeat');
  const [beat] = await page('heartbeat');
  assert.ok(beat !== undefined && 'status' in beat && beat.status === 'degraded');
});

test('requests are told by route; ingest, probes and what the page reads only when they fail', async (t) => {
  const { app, clock, messages } = await setUp(t);
  const headers = { 'x-lightwatch-page': '1' };
  await app.inject({ url: '/api/logs', headers });
  await app.inject({ url: '/broken', headers });
  for (const url of ['/api/logs?token=secret', '/health', '/broken', '/nowhere?token=secret']) await app.inject(url);
  await app.inject({ method: 'POST', url: '/ingest/logs' });
  await app.inject({ method: 'POST', url: '/ingest/logs', headers: { 'content-type': 'text/odd' }, payload: 'x' });
  clock.advance(1000);
  await eventually(async () => (await messages()).length >= 6, 'the lines');
  const told = (await messages()).slice(1).map((message) => message.replace(/ in .*/, ''));
  assert.deepEqual(told, [
    'GET /broken 500',
    'GET /api/logs 200',
    'GET /broken 500',
    'GET an unknown route 404',
    'POST /ingest/logs 415',
  ]);
  assert.doesNotMatch((await messages()).join(), /secret/);
});

test('a flood costs a few lines and one that counts the rest', async (t) => {
  const { app, clock, page, messages } = await setUp(t);
  for (let count = 0; count < 500; count++) await app.inject('/api/logs');
  clock.advance(1000);
  await eventually(async () => (await messages()).length >= 22, 'the lines');
  const logs = await page('log');
  assert.equal(logs.length, 1 + 20 + 1);
  assert.deepEqual(logs.at(-1)?.meta, { counts: { 'GET /api/logs 200': 480 } });
});

test('warnings and errors of the process are told, and still written', async (t) => {
  const { log, clock, page, written } = await setUp(t);
  log.info('nothing to tell');
  log.error({ err: new Error('the reason'), part: 'disk' }, 'it broke');
  clock.advance(1000);
  await eventually(async () => (await page('log')).length === 2, 'the line');
  const line = (await page('log'))[1];
  assert.ok(line !== undefined && 'message' in line);
  assert.deepEqual([line.level, line.message, line.meta?.part], ['error', 'it broke: the reason', 'disk']);
  assert.equal(written.length, 2);
});

test('when it cannot be recorded nothing fails, nothing loops, and later it goes on', async (t) => {
  const { app, log, clock, calls } = await setUp(t, { record: () => Promise.reject(new Error('full')) });
  const before = calls();
  for (let second = 0; second < 14; second++) {
    log.error('the disk is full');
    clock.advance(1000);
    await new Promise(setImmediate);
  }
  assert.equal(calls(), before);
  assert.equal((await app.inject('/api/logs')).statusCode, 200);
  clock.advance(2000);
  await eventually(() => calls() > before, 'another try');
});

test('it says that it stops while that can still be stored', async (t) => {
  const { app, messages } = await setUp(t);
  await app.close();
  assert.match((await messages()).at(-1) ?? '', /is stopping$/);
});
