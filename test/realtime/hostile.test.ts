import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { LightwatchError } from '../../src/errors.ts';
import { Connections, MAX_CLIENTS } from '../../src/realtime/connections.ts';
import { type LiveAppOptions, liveApp, type Tail } from '../fixtures/live-app.ts';
import { sampleLog } from '../fixtures/live-samples.ts';
import { eventually } from '../fixtures/wait.ts';

/** The status with which an upgrade was refused, or `open`. */
async function outcome(tail: Tail): Promise<number | 'open'> {
  return new Promise((resolve) => {
    tail.socket.once('open', () => resolve('open'));
    tail.socket.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
  });
}

test('pages of other origins are refused, programs and our own pages are not', async (t) => {
  const env = { CORS_ORIGIN: 'https://ops.example.com', PUBLIC_URL: 'https://logs.example.com/lightwatch' };
  const app = await liveApp(t, { env });
  const rows: [origin: string | undefined, want: number | 'open'][] = [
    [undefined, 'open'],
    [app.base, 'open'],
    [app.base.toUpperCase().replace('HTTP', 'http'), 'open'],
    ['https://ops.example.com', 'open'],
    ['https://logs.example.com', 'open'],
    ['https://evil.example.com', 403],
    ['https://ops.example.com.evil.example', 403],
    ['http://127.0.0.1', 403],
    ['null', 403],
    ['', 403],
  ];
  for (const [origin, want] of rows) {
    const headers: Record<string, string> = origin === undefined ? {} : { origin };
    assert.equal(await outcome(app.connect('/ws/logs', { headers })), want, `origin ${origin}`);
    assert.equal(await outcome(app.connect('/ws', { headers })), want, `origin ${origin}`);
  }
});

test('a foreign origin may connect where any may', async (t) => {
  const app = await liveApp(t, { env: { CORS_ORIGIN: '*' } });
  const headers = { origin: 'https://anywhere.example' };
  assert.equal(await outcome(app.connect('/ws/logs', { headers })), 'open');
});

test('parameters that are unknown, repeated or senseless are refused before the upgrade', async (t) => {
  const app = await liveApp(t);
  const rows = [
    '/ws/logs?colour=red',
    '/ws/logs?level=info&level=warn',
    '/ws/logs?level=loud',
    '/ws/logs?user[$ne]=x',
    '/ws/logs?limit=5',
    '/ws/logs?regex=(?%3Dx)',
    `/ws/logs?regex=${'a'.repeat(2000)}`,
    '/ws/logs?from=tomorrow',
    '/ws/logs?service=',
    '/ws/logs?since=',
    `/ws/logs?since=${'9'.repeat(200)}`,
    '/ws/metrics?level=info',
    '/ws/alerts?status=odd',
    '/ws/alerts?tags.a=b',
    '/ws?service=pay',
  ];
  for (const path of rows) {
    assert.equal(await outcome(app.connect(path)), 400, path);
    assert.match(await (await fetch(app.base + path)).text(), /LW_INVALID_PARAMETER/, path);
  }
});

test('where credentials are asked for, nobody gets in without', async (t) => {
  const app = await liveApp(t, { env: { API_KEY: 'the-key-of-the-house' } });
  const rows: [path: string, headers: Record<string, string>, want: number | 'open'][] = [
    ['/ws/logs', {}, 401],
    ['/ws', {}, 401],
    ['/ws/authenticated?apiKey=wrong', {}, 401],
    ['/ws/logs?token=', {}, 401],
    ['/ws/logs?token=the-key-of-the-house&token=x', {}, 401],
    ['/ws/logs?token=the-key-of-the-house', {}, 'open'],
    ['/ws/authenticated?apiKey=the-key-of-the-house', {}, 'open'],
    ['/ws/logs', { 'x-api-key': 'the-key-of-the-house' }, 'open'],
  ];
  for (const [path, headers, want] of rows) assert.equal(await outcome(app.connect(path, { headers })), want, path);
});

test('a plain request to a socket is told what it is', async (t) => {
  const app = await liveApp(t);
  const response = await fetch(`${app.base}/ws/logs`);
  assert.equal(response.status, 400);
  assert.match(await response.text(), /speaks WebSocket/);
});

/** A WebSocket of which the test writes every byte. */
async function rawSocket(t: TestContext, options: LiveAppOptions = {}) {
  const app = await liveApp(t, options);
  const socket: Socket = connect(app.port, '127.0.0.1');
  t.after(() => socket.destroy());
  let received = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
  });
  socket.on('error', () => {});
  const key = randomBytes(16).toString('base64');
  socket.write(
    `GET /ws HTTP/1.1\r\nhost: here\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`,
  );
  await eventually(() => received.includes('\r\n\r\n'), 'the handshake');
  received = received.subarray(received.indexOf('\r\n\r\n') + 4);
  return {
    app,
    socket,
    /** The code of the close frame that the server sends. */
    async closeCode() {
      await eventually(() => closeFrame(received) !== undefined, 'a close frame');
      return closeFrame(received)?.readUInt16BE(0);
    },
  };
}

/** The payload of the first close frame among short frames. */
function closeFrame(frames: Buffer): Buffer | undefined {
  for (let at = 0; at + 2 <= frames.length; at += 2 + frames.readUInt8(at + 1)) {
    if (frames[at] === 0x88) return frames.subarray(at + 2);
  }
  return undefined;
}

/** A masked frame, as clients must send them; the mask is zero. */
function frame(head: number, payload: Buffer): Buffer {
  const size = payload.length;
  const length = size < 126 ? Buffer.from([0x80 | size]) : Buffer.from([0x80 | 126, size >> 8, size & 0xff]);
  return Buffer.concat([Buffer.from([head]), length, Buffer.alloc(4), payload]);
}

const TEXT = 0x81;
const TEXT_BEGINS = 0x01;
const CONTINUES = 0x00;

test('a message over the limit ends the connection', async (t) => {
  const app = await liveApp(t);
  const tail = await app.open('/ws');
  tail.socket.send('x'.repeat(64 * 1024 + 1));
  assert.equal((await tail.end()).code, 1009);
});

test('broken UTF-8 ends the connection', async (t) => {
  const { socket, closeCode } = await rawSocket(t);
  socket.write(frame(TEXT, Buffer.from([0xc3, 0x28])));
  assert.equal(await closeCode(), 1007);
});

test('a frame without a mask ends the connection', async (t) => {
  const { socket, closeCode } = await rawSocket(t);
  socket.write(Buffer.from([TEXT, 2, 0x7b, 0x7d]));
  assert.equal(await closeCode(), 1002);
});

test('endless fragments end the connection', async (t) => {
  const { socket, closeCode } = await rawSocket(t);
  socket.write(frame(TEXT_BEGINS, Buffer.from('x')));
  for (let count = 0; count < 100; count++) socket.write(frame(CONTINUES, Buffer.alloc(0)));
  assert.equal(await closeCode(), 1008);
});

test('endless messages end the connection', async (t) => {
  const { socket, closeCode } = await rawSocket(t);
  for (let count = 0; count < 200; count++) socket.write(frame(TEXT, Buffer.from('{"type":"ping"}')));
  assert.equal(await closeCode(), 1008);
});

test('a handshake that is none is refused and its socket ended', async (t) => {
  const app = await liveApp(t);
  const socket = connect(app.port, '127.0.0.1');
  t.after(() => socket.destroy());
  let received = '';
  socket.on('data', (bytes) => {
    received += bytes;
  });
  socket.write('GET /ws/logs HTTP/1.1\r\nhost: here\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  await once(socket, 'end');
  assert.match(received, /^HTTP\/1\.1 400/);
});

test('nothing of an event can break out of its message', async (t) => {
  const app = await liveApp(t);
  const messages = [
    'a\r\n\r\nevent: x\ndata: y',
    '\u001b]8;;http://evil\u0007',
    '\ud83d\ude00',
    '\u2028\u2029\u0000',
    'x'.repeat(70_000),
  ];
  const tail = await app.open('/ws/logs');
  await app.ingest(
    'log',
    messages.map((message, number) => sampleLog(number, { message })),
  );
  await tail.count(messages.length);
  assert.deepEqual(tail.all('message'), messages);
});

test('clients are bounded in number', () => {
  const connections = new Connections();
  const leave = connections.add({ closeForShutdown() {} });
  for (let count = 1; count < MAX_CLIENTS; count++) connections.add({ closeForShutdown() {} });
  assert.throws(
    () => connections.checkRoom(),
    (error) => error instanceof LightwatchError && error.code === 'LW_OVERLOADED' && (error.retryAfterS ?? 0) > 0,
  );
  leave();
  connections.checkRoom();
});
