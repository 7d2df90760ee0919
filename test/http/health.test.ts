import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LightwatchError } from '../../src/errors.ts';
import { registerHealth } from '../../src/http/health.ts';
import { VERSION } from '../../src/version.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { API_KEY, doorApp } from './door-app.ts';

async function withHealth(t: Parameters<typeof doorApp>[0], check: () => Promise<void>, closing = () => false) {
  const clock = fakeClock();
  const door = await doorApp(t, { env: { API_KEY } });
  const store = { ...memoryStore({ clock }), check };
  registerHealth(door.app, { config: door.config, clock, store, closing });
  return { ...door, clock };
}

test('/health answers while the process lives, whatever else is wrong', async (t) => {
  const { app, clock } = await withHealth(t, () => Promise.reject(new Error('gone')));
  clock.advance(90_500);
  for (const url of ['/health', '/api/health']) {
    const response = await app.inject(url);
    assert.equal(response.statusCode, 200);
    assert.deepEqual(response.json(), { status: 'ok', service: 'lightwatch', version: VERSION, uptime_s: 90 });
  }
});

test('/ready says which check failed and no more', async (t) => {
  const gone = new LightwatchError('LW_STORE_UNAVAILABLE', 'mongodb://root:hunter2@db is gone');
  const rows: [() => Promise<void>, boolean, number, object][] = [
    [async () => {}, false, 200, { status: 'ready', checks: { server: 'ok', store: 'ok' } }],
    [() => Promise.reject(gone), false, 503, { status: 'not_ready', checks: { server: 'ok', store: 'unavailable' } }],
  ];
  for (const [check, closing, status, body] of rows) {
    const { app } = await withHealth(t, check, () => closing);
    const response = await app.inject('/ready');
    assert.equal(response.statusCode, status);
    assert.deepEqual(response.json(), body);
  }
});

test('/ready is false while the server shuts down', async (t) => {
  const { app } = await withHealth(
    t,
    async () => {},
    () => true,
  );
  const response = await app.inject('/ready');
  assert.equal(response.statusCode, 503);
  assert.deepEqual(response.json().checks, { server: 'shutting down', store: 'ok' });
});

test('/ready does not wait for a store that hangs', async (t) => {
  const { app, clock } = await withHealth(t, () => {
    queueMicrotask(() => clock.advance(2000));
    return new Promise<void>(() => {});
  });
  assert.equal((await app.inject('/ready')).json().checks.store, 'did not answer in time');
});

test('/stats shows what modules report, in snake_case, to those who may read', async (t) => {
  const { app } = await withHealth(t, async () => {});
  app.stats.add('thing', () => ({ setAside: 1, deep: { lastTickMs: 2 }, names: ['aB'], ok: true }));
  assert.equal((await app.inject('/stats')).statusCode, 401);
  for (const url of ['/stats', '/api/stats']) {
    const stats = (await app.inject({ url, headers: { 'x-api-key': API_KEY } })).json();
    assert.deepEqual(stats.thing, { set_aside: 1, deep: { last_tick_ms: 2 }, names: ['aB'], ok: true });
    assert.deepEqual(stats.roles, ['ingest', 'query', 'realtime', 'alert', 'dashboard']);
  }
  assert.throws(() => app.stats.add('thing', () => ({})), /BUG/);
});
