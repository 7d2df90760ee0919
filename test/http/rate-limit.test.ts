import assert from 'node:assert/strict';
import { test } from 'node:test';
import { API_KEY, doorApp } from './door-app.ts';

// A window that no test outlives.
const LIMITED = { RATE_LIMIT_MAX: '3', RATE_LIMIT_WINDOW_MS: '3600000' };

type Request = { url: string; headers?: Record<string, string>; remoteAddress?: string };

async function statuses(app: Awaited<ReturnType<typeof doorApp>>['app'], request: Request, count: number) {
  const answers = [];
  for (let i = 0; i < count; i++) answers.push((await app.inject(request)).statusCode);
  return answers;
}

test('requests without a credential are limited by address, and told when to come back', async (t) => {
  const { app } = await doorApp(t, { env: { API_KEY, ...LIMITED } });
  assert.deepEqual(await statuses(app, { url: '/notes' }, 5), [401, 401, 401, 429, 429]);
  const refused = await app.inject('/notes');
  assert.equal(refused.json().error.code, 'LW_RATE_LIMITED');
  assert.ok(Number(refused.headers['retry-after']) > 3500);
  assert.deepEqual(await statuses(app, { url: '/notes', remoteAddress: '192.0.2.7' }, 1), [401]);
});

test('wrong credentials, unknown paths and public routes count together', async (t) => {
  const { app } = await doorApp(t, { env: { API_KEY, ...LIMITED } });
  assert.deepEqual(await statuses(app, { url: '/notes', headers: { 'x-api-key': 'wrong' } }, 1), [401]);
  assert.deepEqual(await statuses(app, { url: '/nowhere' }, 1), [404]);
  assert.deepEqual(await statuses(app, { url: '/open' }, 2), [200, 429]);
  assert.deepEqual(await statuses(app, { url: '/notes', headers: { 'x-api-key': 'wrong' } }, 1), [429]);
});

test('a valid credential has no limit, whatever others of its address do', async (t) => {
  const { app } = await doorApp(t, { env: { API_KEY, ...LIMITED } });
  await statuses(app, { url: '/notes' }, 5);
  assert.deepEqual(await statuses(app, { url: '/notes', headers: { 'x-api-key': API_KEY } }, 6), Array(6).fill(200));
});

test('what is exempt, and what is not', async (t) => {
  const rows: [string, Record<string, string>, string, number][] = [
    ['an exempt route', { API_KEY }, '/unlimited', 200],
    ['an open server on loopback', {}, '/notes', 200],
    ['an open server that is exposed', { ALLOW_ANONYMOUS: 'true' }, '/notes', 429],
    ['no limit configured', { ALLOW_ANONYMOUS: 'true', RATE_LIMIT_MAX: '0' }, '/notes', 200],
  ];
  for (const [what, env, url, want] of rows) {
    const { app } = await doorApp(t, { env: { ...LIMITED, ...env } });
    assert.equal((await statuses(app, { url }, 5)).at(-1), want, what);
  }
});

test('X-Forwarded-For counts only from a proxy that is named', async (t) => {
  const forwarded = { url: '/notes', headers: { 'x-forwarded-for': '203.0.113.9' } };
  const rows: [string, string, string][] = [
    ['', '127.0.0.1', '127.0.0.1'],
    ['10.0.0.0/8', '127.0.0.1', '127.0.0.1'],
    ['10.0.0.0/8', '10.1.2.3', '203.0.113.9'],
    ['127.0.0.1,::1', '127.0.0.1', '203.0.113.9'],
  ];
  for (const [TRUST_PROXY, remoteAddress, want] of rows) {
    const { app } = await doorApp(t, { env: { TRUST_PROXY } });
    assert.equal(
      (await app.inject({ ...forwarded, remoteAddress })).json().ip,
      want,
      `${TRUST_PROXY} ${remoteAddress}`,
    );
  }
});

test('replicas that share a count have one limit together; without it each has its own', async (t) => {
  const counts = new Map<string, number>();
  let away = false;
  const sharedCounter = {
    async count(key: string, resetsInMs: number) {
      if (away) return undefined;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return { count: counts.get(key) ?? 0, resetsInMs };
    },
  };
  const replica = async () => (await doorApp(t, { env: { API_KEY, ...LIMITED }, sharedCounter })).app;
  const [one, other] = [await replica(), await replica()];
  assert.deepEqual(await statuses(one, { url: '/notes' }, 2), [401, 401]);
  assert.deepEqual(await statuses(other, { url: '/notes' }, 2), [401, 429]);
  assert.ok(Number((await other.inject('/notes')).headers['retry-after']) > 3500);
  away = true;
  assert.deepEqual(await statuses(one, { url: '/notes' }, 2), [401, 429]);
});
