import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { buildApp } from '../src/app.ts';
import { buildTestApp } from './fixtures/build-app.ts';

const LOG = { service: 'pay', level: 'info', message: 'order 4711 paid' };

test('an event goes in, is found again and is seen live', async (t) => {
  const app = await buildTestApp(t, { env: { API_KEY: 'a-key-of-the-tests' } });
  const base = await app.listen();
  assert.equal(app.address, base);
  const headers = { 'x-api-key': 'a-key-of-the-tests', 'content-type': 'application/json' };
  const socket = new WebSocket(`${base.replace('http', 'ws')}/ws/logs?token=a-key-of-the-tests`);
  await once(socket, 'open');
  const sent = await fetch(`${base}/ingest/logs`, { method: 'POST', headers, body: JSON.stringify(LOG) });
  assert.equal(sent.status, 201);
  const { id } = (await sent.json()) as { id: string };
  const [message] = await once(socket, 'message');
  assert.equal(JSON.parse(String(message)).id, id);
  const found = (await (await fetch(`${base}/api/logs?q=4711`, { headers })).json()) as { data: { id: string }[] };
  assert.deepEqual(
    found.data.map((event) => event.id),
    [id],
  );
});

test('a replica serves the routes of its roles, and always its health', async (t) => {
  const rows: [string, Record<string, number>][] = [
    [
      'ingest',
      { '/api/logs': 404, '/api/alerts': 404, '/ws/logs': 404, '/health': 200, '/ready': 200, '/metrics': 200 },
    ],
    ['query', { '/api/logs': 200, '/ingest/logs': 404, '/api/alerts': 404, '/health': 200, '/stats': 200 }],
    ['alert', { '/api/logs': 404, '/api/alerts': 200, '/ws/logs': 404, '/ready': 200 }],
    ['realtime', { '/api/logs': 404, '/ws/logs': 400, '/ready': 200 }],
  ];
  for (const [ROLES, routes] of rows) {
    const { fastify } = await buildTestApp(t, { env: { ROLES } });
    for (const [url, want] of Object.entries(routes)) {
      assert.equal((await fastify.inject(url)).statusCode, want, `${ROLES} ${url}`);
    }
  }
});

test('a second process on the same data is refused, and the first goes on', async (t) => {
  const { config, fastify } = await buildTestApp(t);
  const start = `
    const { buildApp } = await import(${JSON.stringify(new URL('../src/app.js', import.meta.url))});
    const { readConfig } = await import(${JSON.stringify(new URL('../src/config.js', import.meta.url))});
    await buildApp({ config: readConfig() });
  `;
  const env = { ...process.env, DATA_DIR: config.dataDir, LOG_LEVEL: 'silent', PORT: '0' };
  const second = spawn(process.execPath, ['--input-type=module', '-e', start], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  second.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(second, 'close');
  assert.equal(code, 1);
  assert.match(said, /LW_STORE_UNAVAILABLE/);
  assert.ok(said.includes(config.dataDir), 'it says which folder');
  assert.equal((await fastify.inject('/ready')).statusCode, 200);
});

test('close finishes what is under way, closes what is idle, and may be called twice', async (t) => {
  const app = await buildTestApp(t);
  const base = await app.listen();
  const port = Number(new URL(base).port);
  const silent = connect(port, '127.0.0.1');
  await once(silent, 'connect');
  const tail = await fetch(`${base}/api/logs/tail`);
  const socket = new WebSocket(`${base.replace('http', 'ws')}/ws/logs`);
  await once(socket, 'open');

  // A request whose body is still on its way when the server is told to close.
  const slow = connect(port, '127.0.0.1');
  const body = JSON.stringify(LOG);
  slow.write(
    `POST /ingest/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  const arrived = once(app.fastify.server, 'request');
  await arrived;

  const began = performance.now();
  const closed = app.close();
  assert.equal(app.close(), closed, 'one close');
  await once(socket, 'close');
  slow.write(body);
  const [answer] = await once(slow, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 201 /, 'what was begun is finished');
  await closed;
  assert.ok(performance.now() - began < 3000, 'nobody who asks nothing holds it up');
  await tail.text();
  await assert.rejects(fetch(`${base}/health`));
});

test('what was acknowledged is there after a restart', async (t) => {
  const app = await buildTestApp(t);
  const response = await app.fastify.inject({ method: 'POST', url: '/ingest/logs', payload: LOG });
  await app.close();
  const again = await buildApp({ config: app.config });
  t.after(() => again.close());
  const found = (await again.fastify.inject('/api/logs')).json();
  assert.deepEqual(
    found.data.map((event: { id: string }) => event.id),
    [response.json().id],
  );
});
