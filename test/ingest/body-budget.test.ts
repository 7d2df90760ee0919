import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createGzip, gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { LIMITS } from '../../schemas/limits.ts';
import { MAX_BODY_BYTES_IN_FLIGHT } from '../../src/ingest/body-budget.ts';
import { eventually } from '../fixtures/wait.ts';
import { sendRaw } from '../http/door-app.ts';
import { ingestApp, LEAST } from './ingest-app.ts';

/** Bodies of the largest size that fill the budget. */
const FULL = MAX_BODY_BYTES_IN_FLIGHT / LIMITS.batchBytes;

async function listening(t: TestContext) {
  const { app, logged } = await ingestApp(t);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  assert.ok(address !== null && typeof address === 'object');
  const { port } = address;
  return {
    app,
    logged,
    send: (...parts: readonly (string | Buffer)[]) => sendRaw(port, ...parts).then(answered),
    /** Begins a request whose body does not come to its end, until the server has seen it. */
    async begin(head: string, part: string | Buffer = ''): Promise<Socket> {
      const seen = new Promise((resolve) => app.server.once('request', resolve));
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      socket.write(head);
      socket.write(part);
      await seen;
      return socket;
    },
  };
}

function head(...headers: readonly string[]): string {
  const all = ['POST /ingest/logs HTTP/1.1', 'Host: x', 'Connection: close', 'Content-Type: application/json'];
  return `${[...all, ...headers].join('\r\n')}\r\n\r\n`;
}
const GZIP = 'Content-Encoding: gzip';
const CHUNKED = 'Transfer-Encoding: chunked';
const length = (bytes: number) => `Content-Length: ${bytes}`;
const chunk = (bytes: Buffer | string) => `${Buffer.byteLength(bytes).toString(16)}\r\n${bytes}\r\n`;

function answered(answer: string) {
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
  return { status, code: /"code":"(\w+)"/.exec(answer)?.[1], retryAfter: /retry-after: (\d+)/.exec(answer)?.[1] };
}
const ACCEPTED = { status: 201, code: undefined, retryAfter: undefined };
const OVERLOADED = { status: 503, code: 'LW_OVERLOADED', retryAfter: '1' };

const claimed = (app: FastifyInstance) => app.stats.snapshot().ingest?.body_bytes;
const EVENT = JSON.stringify(LEAST.log);
/** A log with 32 KiB of blanks behind it: large enough to be counted. */
const COUNTED = EVENT.padEnd(32 * 1024);

test('uploads that break off leave room for others', async (t) => {
  const { app, logged, begin, send } = await listening(t);
  for (let broken = 0; broken < FULL + 2; broken++) {
    const socket = await begin(head(length(LIMITS.batchBytes)), EVENT);
    socket.destroy();
  }
  // The server learns of each a moment later than the client.
  await eventually(async () => (await send(head(length(COUNTED.length)), COUNTED)).status === 201, 'room again');
  await eventually(() => claimed(app) === 0, 'nothing claimed');
  assert.deepEqual(logged, [], 'a client that goes away is no error of ours');
});

test('past the bound senders wait, small bodies excepted, and what was claimed comes back', async (t) => {
  const { app, begin, send } = await listening(t);
  const held: Socket[] = [];
  for (let count = 0; count < FULL; count++) held.push(await begin(head(length(LIMITS.batchBytes)), EVENT));
  assert.equal(claimed(app), MAX_BODY_BYTES_IN_FLIGHT);

  const packed = gzipSync(EVENT);
  assert.deepEqual(await send(head(length(COUNTED.length)), COUNTED), OVERLOADED, 'a large body');
  assert.deepEqual(await send(head(length(packed.length), GZIP), packed), OVERLOADED, 'a packed one');
  assert.deepEqual(await send(head(CHUNKED), chunk(EVENT), '0\r\n\r\n'), OVERLOADED, 'one of unknown length');
  assert.deepEqual(await send(head(length(EVENT.length)), EVENT), ACCEPTED, 'a small one');
  assert.equal((await send(head(length(LIMITS.batchBytes + 1)))).status, 413, 'one that will never fit');
  assert.equal(claimed(app), MAX_BODY_BYTES_IN_FLIGHT, 'who is refused claims nothing');

  held[0]?.destroy();
  await eventually(() => claimed(app) === MAX_BODY_BYTES_IN_FLIGHT - LIMITS.batchBytes, 'one to be released');
  assert.deepEqual(await send(head(length(COUNTED.length)), COUNTED), ACCEPTED);
  assert.deepEqual(await send(head(length(packed.length), GZIP), packed), ACCEPTED);
  assert.deepEqual(await send(head(CHUNKED), chunk(EVENT), '0\r\n\r\n'), ACCEPTED);
  for (const socket of held) socket.destroy();
  await eventually(() => claimed(app) === 0, 'nothing claimed, exactly');
});

test('small packed bodies and small ones of unknown length are welcome in any number', async (t) => {
  const { app, begin, send } = await listening(t);
  const packed = gzipSync(EVENT);
  for (let count = 0; count < 2 * FULL; count++) {
    await begin(head(length(packed.length), GZIP), packed.subarray(0, 20));
    await begin(head(CHUNKED), chunk(EVENT));
  }
  assert.deepEqual(await send(head(length(packed.length), GZIP), packed), ACCEPTED);
  assert.deepEqual(await send(head(CHUNKED), chunk(EVENT), '0\r\n\r\n'), ACCEPTED);
  assert.ok(Number(claimed(app)) < 100_000, 'they claim what they are');
});

test('a packed body claims what it unpacks to', async (t) => {
  const { app, begin, send } = await listening(t);
  const unpackedBytes = LIMITS.batchBytes - 1024;
  const bomb = await gzipOfBlanks(unpackedBytes);
  assert.ok(bomb.length < 32 * 1024);
  // All but the trailer: it is unpacked, and the end does not come.
  for (let count = 1; count <= FULL; count++) {
    await begin(head(length(bomb.length), GZIP), bomb.subarray(0, -8));
    await eventually(() => claimed(app) === count * unpackedBytes, `${count} unpacked`);
  }
  assert.deepEqual(await send(head(length(bomb.length), GZIP), bomb), OVERLOADED);
  assert.ok(Number(claimed(app)) <= MAX_BODY_BYTES_IN_FLIGHT);
});

test('a gzip bomb is refused fast, with memory flat', async (t) => {
  const { app, send } = await listening(t);
  const bomb = await gzipOfBlanks(200 * 1024 * 1024);
  const before = process.memoryUsage().rss;
  const began = performance.now();
  assert.equal((await send(head(length(bomb.length), GZIP), bomb)).status, 413);
  assert.ok(performance.now() - began < 2000, 'refused fast');
  assert.ok(process.memoryUsage().rss - before < 120 * 1024 * 1024, 'memory stays flat');
  await eventually(() => claimed(app) === 0, 'nothing claimed');
});

test('a client that goes before its answer counts as a request', async (t) => {
  const { app, begin, send } = await listening(t);
  const socket = await begin(head(length(1000)), EVENT);
  socket.destroy();
  const requests = () => Number(app.stats.snapshot().http?.requests);
  await eventually(() => requests() === 1, 'the request to be counted');
  assert.equal((await send(head(length(EVENT.length)), EVENT)).status, 201);
  await eventually(() => requests() === 2, 'the next one to be counted, once');
  const { body } = await app.inject('/metrics');
  for (const [status, count] of [
    [499, 1],
    [201, 1],
  ]) {
    const line = `lightwatch_http_responses_total{method="POST",route="/ingest/logs",status="${status}"} ${count}`;
    assert.ok(body.includes(line), line);
  }
});

async function gzipOfBlanks(bytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const packed: Buffer[] = [];
  gzip.on('data', (piece) => packed.push(piece));
  const blanks = Buffer.alloc(1024 * 1024, ' ');
  for (let left = bytes; left > 0; left -= blanks.length) {
    if (!gzip.write(blanks.subarray(0, left))) await new Promise((resolve) => gzip.once('drain', resolve));
  }
  const ended = new Promise((resolve) => gzip.once('end', resolve));
  gzip.end();
  await ended;
  return Buffer.concat(packed);
}
