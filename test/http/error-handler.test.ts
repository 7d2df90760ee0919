import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LightwatchError } from '../../src/errors.ts';
import { doorApp } from './door-app.ts';

test('every error has the contract shape', async (t) => {
  const { app } = await doorApp(t);
  const json = { 'content-type': 'application/json' };
  const rows: [object, number, string, string][] = [
    [{ url: '/nowhere' }, 404, 'LW_NOT_FOUND', 'there is no such route'],
    [{ url: '/%zz' }, 400, 'LW_INVALID_REQUEST', 'the path is not a valid URL path'],
    [
      { url: '/notes', method: 'DELETE' },
      405,
      'LW_METHOD_NOT_ALLOWED',
      'DELETE is not allowed here, only GET, HEAD, POST',
    ],
    [
      { url: '/notes/7', method: 'POST', headers: json, payload: '{}' },
      405,
      'LW_METHOD_NOT_ALLOWED',
      'POST is not allowed here, only GET, HEAD, PUT',
    ],
    [
      { url: '/notes', method: 'POST', headers: json, payload: '{' },
      400,
      'LW_INVALID_JSON',
      'the JSON is invalid: see position 1',
    ],
    [{ url: '/notes', method: 'POST', headers: json, payload: '' }, 400, 'LW_INVALID_JSON', 'the body is empty'],
    [{ url: '/notes', method: 'POST' }, 400, 'LW_INVALID_REQUEST', 'body: must be an object, not null'],
    [{ url: '/notes', method: 'POST', payload: { note: 7 } }, 400, 'LW_INVALID_REQUEST', 'note: must be text'],
    [{ url: '/notes?levle=x' }, 400, 'LW_INVALID_PARAMETER', 'levle: is not a known parameter'],
    [{ url: '/broken' }, 500, 'LW_INTERNAL', 'something went wrong here'],
  ];
  for (const [request, status, code, message] of rows) {
    const response = await app.inject(request);
    const { error, request_id } = response.json();
    const what = JSON.stringify(request);
    assert.equal(response.statusCode, status, what);
    assert.deepEqual([error.code, error.message.replace(/ \(line.*\)$/, '')], [code, message], what);
    assert.match(request_id, /^[\w-]{8}-[0-9a-z]+$/, what);
    assert.match(String(response.headers['content-type']), /^application\/json/, what);
  }
});

test('a 405 says what is allowed, a 503 when to come back, a 401 how to come in', async (t) => {
  const { app } = await doorApp(t, { env: { API_KEY: 'a-key-of-the-tests' } });
  const busy = new LightwatchError('LW_OVERLOADED', 'busy', { retryAfterS: 1.2 });
  app.get('/busy', { config: { scope: 'public' } }, () => {
    throw busy;
  });
  assert.equal((await app.inject({ url: '/notes', method: 'PATCH' })).headers.allow, 'GET, HEAD, POST');
  assert.equal((await app.inject('/busy')).headers['retry-after'], '2');
  assert.equal((await app.inject('/notes')).headers['www-authenticate'], 'Bearer');
});

test('what nobody foresaw is told to the log and not to the client, and no credential to either', async (t) => {
  const { app, logged } = await doorApp(t);
  const response = await app.inject({ url: '/broken?token=hunter4', headers: { authorization: 'Bearer hunter5' } });
  assert.ok(!response.body.includes('mongodb'));
  const log = logged.join('');
  assert.match(log, /the password of mongodb:\/\/\*\*\*@db/);
  assert.ok(log.includes(response.json().request_id), 'the log can be found by the id the client has');
  for (const secret of ['root:hunter2@', 'hunter3', 'hunter4', 'hunter5']) assert.ok(!log.includes(secret), secret);
});

test('a server that shuts down refuses new requests', async (t) => {
  const { app } = await doorApp(t, { closing: () => true });
  const response = await app.inject('/open');
  assert.equal(response.statusCode, 503);
  assert.equal(response.json().error.code, 'LW_SHUTTING_DOWN');
  assert.equal(response.headers['retry-after'], '5');
  assert.equal((await app.inject('/unlimited')).statusCode, 200, 'health is asked to the end');
});
