import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { liveApp } from '../fixtures/live-app.ts';
import { eventually } from '../fixtures/wait.ts';

/** An app with a route that answers with the body it was sent, and a raw connection to it. */
async function rawConnection(t: Parameters<typeof liveApp>[0]) {
  const app = await liveApp(t, {
    routes(fastify) {
      fastify.post('/echo', { config: { scope: 'public' } }, async ({ body }) => body);
      fastify.get('/plain', { config: { scope: 'public' } }, async () => ({ plain: true }));
    },
  });
  const socket = connect(app.port, '127.0.0.1');
  t.after(() => socket.destroy());
  let received = '';
  socket.on('data', (bytes) => {
    received += bytes.toString();
  });
  return { socket, received: () => received };
}

const post = (body: string, ...headers: string[]) =>
  ['POST /echo HTTP/1.1', 'host: here', 'content-type: application/json', `content-length: ${body.length}`, ...headers]
    .join('\r\n')
    .concat('\r\n\r\n', body);

test('a request that offers HTTP/2 is served with its body, and so is the next of its connection', async (t) => {
  const { socket, received } = await rawConnection(t);
  socket.write(post('{"first":1}', 'connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAEAAEAA'));
  await eventually(() => received().includes('{"first":1}'), 'the first answer');
  socket.write(post('{"second":2}'));
  await eventually(() => received().includes('{"second":2}'), 'the second answer');
  assert.equal(received().match(/HTTP\/1\.1 200/g)?.length, 2);
});

test('a body that comes later than the offer is read too', async (t) => {
  const { socket, received } = await rawConnection(t);
  const request = post('{"slow":true}', 'connection: Upgrade', 'upgrade: h2c');
  socket.write(request.slice(0, -5));
  await new Promise((resolve) => setImmediate(resolve));
  socket.write(request.slice(-5));
  await eventually(() => received().includes('{"slow":true}'), 'the answer');
});

test('a WebSocket handshake elsewhere is a plain request', async (t) => {
  const { socket, received } = await rawConnection(t);
  const handshake = [
    'GET /plain HTTP/1.1',
    'host: here',
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
  ];
  socket.write(`${handshake.join('\r\n')}\r\n\r\n`);
  await eventually(() => received().includes('{"plain":true}'), 'the first answer');
  socket.write(post('{"second":2}'));
  await eventually(() => received().includes('{"second":2}'), 'the second answer');
});
