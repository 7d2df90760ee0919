import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createAddressGuard, type Resolve } from '../../src/alert/notify/address-guard.ts';
import { createHttpPoster } from '../../src/alert/notify/http-poster.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { type Answer, openTarget } from './alerting.ts';

const NEVER = new AbortController().signal;

function openPoster(t: TestContext, allow: readonly string[] = ['127.0.0.1']) {
  const poster = createHttpPoster(createAddressGuard(allow), fakeClock());
  t.after(() => poster.close());
  return poster;
}

function to(url: string) {
  return { url, body: '{}' };
}

test('a message goes out as JSON, with its headers', async (t) => {
  const target = await openTarget(t);
  const message = { url: target.url, headers: { 'webhook-id': 'd1' }, body: '{"a":1}' };
  assert.deepEqual(await openPoster(t).post(message, NEVER), { ok: true, status: 204 });
  const [request] = target.received;
  assert.equal(request?.body, '{"a":1}');
  assert.equal(request?.headers['content-type'], 'application/json');
  assert.equal(request?.headers['webhook-id'], 'd1');
  assert.match(request?.headers['user-agent'] ?? '', /^Lightwatch\/\d/);
});

test('what a target may answer', async (t) => {
  const rows: [Answer, object][] = [
    [{ status: 200 }, { ok: true, status: 200 }],
    [
      { status: 200, endless: true },
      { ok: true, status: 200 },
    ],
    [{ status: 500 }, { ok: false, status: 500, error: 'answered 500' }],
    [
      { status: 500, endless: true },
      { ok: false, status: 500, error: 'answered 500' },
    ],
    [{ status: 410 }, { ok: false, status: 410, error: 'answered 410', final: true }],
    [
      { status: 429, headers: { 'retry-after': '30' } },
      { ok: false, status: 429, error: 'answered 429', retryAfterMs: 30_000 },
    ],
  ];
  const poster = openPoster(t);
  for (const [answer, want] of rows) {
    const target = await openTarget(t, () => answer);
    assert.deepEqual(await poster.post(to(target.url), NEVER), want);
  }
});

test('a redirect is an answer, and not followed', async (t) => {
  const inside = await openTarget(t);
  const target = await openTarget(t, () => ({ status: 302, headers: { location: inside.url } }));
  const result = await openPoster(t).post(to(target.url), NEVER);
  assert.deepEqual(result, { ok: false, status: 302, error: 'answered 302; redirects are not followed' });
  assert.equal(inside.received.length, 0);
});

test('a target that is not there is a failure with a reason', async (t) => {
  const target = `http://127.0.0.1:${await freePort()}/`;
  const result = await openPoster(t).post(to(target), NEVER);
  assert.ok(!result.ok && result.status === null);
  assert.match(result.error, /ECONNREFUSED/);
});

test('a target that never answers is broken off with its signal', async (t) => {
  const target = await openTarget(t, () => ({ status: 200, silent: true }));
  const abort = new AbortController();
  const sending = openPoster(t).post(to(target.url), abort.signal);
  await target.until(1);
  abort.abort();
  assert.equal((await sending).ok, false);
});

test('nothing is sent to an address inside, however it is written', async (t) => {
  const target = await openTarget(t);
  const poster = openPoster(t, []);
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '[::ffff:127.0.0.1]', '0']) {
    const result = await poster.post(to(`http://${host}:${target.port}/`), NEVER);
    assert.ok(!result.ok && /not a public address/.test(result.error), host);
  }
  assert.equal(target.received.length, 0);
});

test('a name whose lookup leads inside is refused, and so is a socket that ended up there', async (t) => {
  const target = await openTarget(t);
  const message = to(`http://rebind.example.com:${target.port}/`);
  const inside = createAddressGuard([], thisMachine);
  // As if the name had resolved elsewhere a moment ago: the lookup lets it pass, the socket does not.
  const late = { ...inside, lookup: createAddressGuard(['127.0.0.1'], thisMachine).lookup };
  for (const guard of [inside, late]) {
    const poster = createHttpPoster(guard, fakeClock());
    t.after(() => poster.close());
    const result = await poster.post(message, NEVER);
    assert.ok(!result.ok && /not a public address/.test(result.error), JSON.stringify(result));
  }
  assert.equal(target.received.length, 0);
});

/** Every name is this machine. */
const thisMachine: Resolve = (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const bound = server.address();
  server.close();
  assert.ok(bound !== null && typeof bound !== 'string');
  return bound.port;
}
