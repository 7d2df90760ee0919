import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { API_KEY, doorApp, JWT_SECRET, portOf } from './door-app.ts';

const clock = fakeClock();
const nowS = clock.now() / 1000;
const HOUR_S = 3600;

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token made by hand, so that it can be wrong in every way. */
function token(claims: unknown, header: unknown = { alg: 'HS256', typ: 'JWT' }, secret = JWT_SECRET, hash = 'sha256') {
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
const guarded = (t: TestContext) => doorApp(t, { env: { API_KEY, JWT_SECRET, RATE_LIMIT_MAX: '0' }, clock });

test('a request is let in by its credential', async (t) => {
  const { app } = await guarded(t);
  const good = token({ sub: 'ada', exp: nowS + HOUR_S });
  const rows: [string, Record<string, string>, number, string | undefined][] = [
    ['no credential', {}, 401, undefined],
    ['the key', { 'x-api-key': API_KEY }, 200, 'API_KEY'],
    ['the key as bearer', bearer(API_KEY), 200, 'API_KEY'],
    ['bearer in another case', { authorization: `bearer ${API_KEY}` }, 200, 'API_KEY'],
    ['a token', bearer(good), 200, 'ada'],
    ['a token without a subject', bearer(token({ exp: nowS + HOUR_S })), 200, 'token'],
    ['a wrong key', { 'x-api-key': `${API_KEY}x` }, 401, undefined],
    ['a shorter key', { 'x-api-key': API_KEY.slice(1) }, 401, undefined],
    ['an empty key', { 'x-api-key': '' }, 401, undefined],
    ['a key twice', { 'x-api-key': `${API_KEY}, ${API_KEY}` }, 401, undefined],
    ['a token as key', { 'x-api-key': good }, 401, undefined],
    ['another scheme', { authorization: `Basic ${API_KEY}` }, 401, undefined],
    ['no scheme', { authorization: API_KEY }, 401, undefined],
  ];
  for (const [what, headers, status, by] of rows) {
    const response = await app.inject({ url: '/notes', headers });
    assert.equal(response.statusCode, status, what);
    assert.equal(response.json().by, by, what);
  }
});

test('tokens that are wrong in any way are refused', async (t) => {
  const { app } = await guarded(t);
  const claims = { sub: 'ada', exp: nowS + HOUR_S };
  const rows: [string, string][] = [
    ['another secret', token(claims, undefined, 'x'.repeat(40))],
    ['an empty secret', token(claims, undefined, '')],
    ['alg none', `${part({ alg: 'none' })}.${part(claims)}.`],
    ['alg none with a signature', token(claims, { alg: 'none' })],
    ['alg HS384', token(claims, { alg: 'HS384' }, JWT_SECRET, 'sha384')],
    ['alg RS256', token(claims, { alg: 'RS256' })],
    ['no alg', token(claims, { typ: 'JWT' })],
    ['no signature', `${part({ alg: 'HS256' })}.${part(claims)}.`],
    ['two parts', `${part({ alg: 'HS256' })}.${part(claims)}`],
    ['crit', token(claims, { alg: 'HS256', crit: ['exp'] })],
    ['crit of something unknown', token(claims, { alg: 'HS256', crit: ['x'], x: 1 })],
    ['an empty crit', token(claims, { alg: 'HS256', crit: '' })],
    ['no exp', token({ sub: 'ada' })],
    ['exp as text', token({ exp: String(nowS + HOUR_S) })],
    ['exp null', token({ exp: null })],
    ['exp 1e300', token({ exp: 1e300 })],
    ['exp past', token({ exp: nowS - 1 })],
    ['exp now', token({ exp: nowS })],
    ['not yet valid', token({ ...claims, nbf: nowS + HOUR_S })],
    ['nbf as text', token({ ...claims, nbf: '0' })],
    ['made in the future', token({ ...claims, iat: nowS + HOUR_S })],
    ['another issuer', token({ ...claims, iss: 'someone-else' })],
    ['another audience', token({ ...claims, aud: ['someone-else'] })],
    ['claims that are a list', token([claims])],
    ['scopes of another type', token({ ...claims, scopes: 7 })],
    ['a role of another type', token({ ...claims, role: ['admin'] })],
    ['a subject of another type', token({ ...claims, sub: 7 })],
    ['an empty tenant', token({ ...claims, tenant: '' })],
    ['no JSON', `${Buffer.from('{').toString('base64url')}.e30.x`],
    ['nothing', '..'],
  ];
  for (const [what, text] of rows) {
    const response = await app.inject({ url: '/notes', headers: bearer(text) });
    assert.equal(response.statusCode, 401, what);
    assert.deepEqual(Object.keys(response.json().error), ['code', 'message'], what);
    assert.equal(response.json().error.message, 'the credential is not valid', 'why is not told');
  }
});

test('what a token names beside its secret is not looked at', async (t) => {
  const { app } = await guarded(t);
  const header = { alg: 'HS256', kid: '../../dev/null', jku: 'http://127.0.0.1:1/keys', jwk: { k: 'eA', kty: 'oct' } };
  const claims = { exp: nowS + HOUR_S, iss: 'lightwatch', aud: ['lightwatch', 'other'], tenant: 'acme' };
  const response = await app.inject({ url: '/notes', headers: bearer(token(claims, header)) });
  assert.equal(response.statusCode, 200);
  assert.equal(response.json().tenant, 'acme');
  const forged = token({ exp: nowS + HOUR_S }, header, 'x');
  assert.equal((await app.inject({ url: '/notes', headers: bearer(forged) })).statusCode, 401);
});

test('a route is for those who have its scope, and one that says none is for admins', async (t) => {
  const { app } = await guarded(t);
  const rows: [Record<string, unknown>, { read: number; ingest: number; write: number; unsaid: number }][] = [
    [{}, { read: 200, ingest: 403, write: 403, unsaid: 403 }],
    [{ scope: 'ingest' }, { read: 403, ingest: 200, write: 403, unsaid: 403 }],
    [{ scope: 'read ingest openid' }, { read: 200, ingest: 200, write: 403, unsaid: 403 }],
    [{ scopes: ['write'] }, { read: 403, ingest: 403, write: 200, unsaid: 403 }],
    [{ scope: 'admin' }, { read: 200, ingest: 200, write: 200, unsaid: 200 }],
    [{ scope: '' }, { read: 403, ingest: 403, write: 403, unsaid: 403 }],
    [
      { scope: 'everything', role: 'admin' },
      { read: 403, ingest: 403, write: 403, unsaid: 403 },
    ],
    [{ role: 'viewer' }, { read: 200, ingest: 403, write: 403, unsaid: 403 }],
    [{ role: 'operator' }, { read: 200, ingest: 403, write: 200, unsaid: 403 }],
    [{ role: 'admin' }, { read: 200, ingest: 200, write: 200, unsaid: 200 }],
    [{ role: 'constructor' }, { read: 403, ingest: 403, write: 403, unsaid: 403 }],
  ];
  for (const [claims, want] of rows) {
    const headers = bearer(token({ ...claims, exp: nowS + HOUR_S }));
    const status = async (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) =>
      (await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })).statusCode;
    const got = {
      read: await status('GET', '/notes'),
      ingest: await status('POST', '/notes', { note: 'x' }),
      write: await status('PUT', '/notes/1'),
      unsaid: await status('GET', '/unsaid'),
    };
    assert.deepEqual(got, want, JSON.stringify(claims));
  }
});

test('a credential in the query counts only where headers cannot be set', async (t) => {
  const { app, logged } = await guarded(t);
  const status = async (url: string) => (await app.inject(url)).statusCode;
  assert.equal(await status(`/stream?token=${API_KEY}&level=info`), 200);
  assert.equal(await status(`/stream?apiKey=${API_KEY}`), 200);
  assert.equal(await status(`/stream?token=${token({ exp: nowS + HOUR_S })}`), 200);
  assert.equal(await status('/stream?token=wrong'), 401);
  assert.equal(await status(`/stream?token=${API_KEY}&token=${API_KEY}`), 401);
  assert.equal(await status(`/notes?token=${API_KEY}`), 401);
  assert.ok(!logged.join('').includes(API_KEY), 'no log holds it');
});

test('a WebSocket may bring its credential in the query', async (t) => {
  const door = await guarded(t);
  await door.app.listen({ host: '127.0.0.1', port: 0 });
  const open = (path: string) => new WebSocket(`ws://127.0.0.1:${portOf(door)}${path}`);
  const [name] = await once(open(`/socket?token=${API_KEY}`), 'message');
  assert.equal(String(name), 'API_KEY');
  await assert.rejects(once(open('/socket?token=wrong'), 'open'), /401/);
});

test('with nothing configured everyone is let in; public routes always', async (t) => {
  const { app } = await doorApp(t);
  assert.equal((await app.inject('/notes')).json().by, 'anonymous');
  assert.equal((await app.inject({ url: '/unsaid', headers: { 'x-api-key': 'anything' } })).statusCode, 200);
  const guardedApp = (await guarded(t)).app;
  assert.equal((await guardedApp.inject('/open')).statusCode, 200);
  assert.equal((await guardedApp.inject({ url: '/open', headers: { 'x-api-key': 'wrong' } })).statusCode, 200);
});

test('either kind of credential works without the other being configured', async (t) => {
  const good = bearer(token({ exp: nowS + HOUR_S }));
  const onlyKey = (await doorApp(t, { env: { API_KEY }, clock })).app;
  assert.equal((await onlyKey.inject({ url: '/notes', headers: good })).statusCode, 401);
  const onlyTokens = (await doorApp(t, { env: { JWT_SECRET }, clock })).app;
  assert.equal((await onlyTokens.inject({ url: '/notes', headers: good })).statusCode, 200);
  assert.equal((await onlyTokens.inject({ url: '/notes', headers: { 'x-api-key': JWT_SECRET } })).statusCode, 401);
});
