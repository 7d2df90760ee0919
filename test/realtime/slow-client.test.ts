import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { EventOf } from '../../src/core/event.ts';
import { PLAIN } from '../../src/realtime/encoding.ts';
import { encode, liveEvents } from '../../src/realtime/live-batch.ts';
import { MAX_BACKLOG_BYTES, MAX_LAG_MS, type Sink, Subscription } from '../../src/realtime/subscription.ts';
import { PING_EVERY_MS } from '../../src/realtime/websocket-client.ts';
import { ITEMS_PER_SECOND } from '../../src/realtime/work-budget.ts';
import { type FakeClock, fakeClock } from '../fixtures/fake-clock.ts';
import { type liveApp as LiveApp, liveApp } from '../fixtures/live-app.ts';
import { logBatch, sampleLog } from '../fixtures/live-samples.ts';
import { eventually } from '../fixtures/wait.ts';

/** A WebSocket whose peer reads only when it is told to. */
async function lazyReader(t: TestContext, app: Awaited<ReturnType<typeof LiveApp>>, path: string) {
  const socket = connect(app.port, '127.0.0.1');
  t.after(() => socket.destroy());
  const chunks: Buffer[] = [];
  let ended = false;
  socket.on('data', (bytes) => chunks.push(bytes));
  socket.on('close', () => {
    ended = true;
  });
  socket.on('error', () => {});
  const key = randomBytes(16).toString('base64');
  socket.write(
    `GET ${path} HTTP/1.1\r\nhost: here\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`,
  );
  await eventually(() => chunks.length > 0, 'the handshake');
  socket.pause();
  return {
    read: () => socket.resume(),
    get ended() {
      return ended;
    },
    /** Everything that came after the handshake, as messages; a close frame as its code. */
    messages() {
      const bytes = Buffer.concat(chunks);
      return messagesOf(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4));
    },
  };
}

function messagesOf(bytes: Buffer): (Record<string, unknown> | number)[] {
  const messages = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const short = bytes.readUInt8(at + 1);
    const [head, size] =
      short < 126
        ? [2, short]
        : short === 126
          ? [4, bytes.readUInt16BE(at + 2)]
          : [10, Number(bytes.readBigUInt64BE(at + 2))];
    if (at + head + size > bytes.length) break;
    const payload = bytes.subarray(at + head, at + head + size);
    if (bytes[at] === 0x81) messages.push(JSON.parse(payload.toString()));
    if (bytes[at] === 0x88) messages.push(payload.readUInt16BE(0));
    at += head + size;
  }
  return messages;
}

const text = 'x'.repeat(20_000);

test('one who stops reading loses messages and is told how many; twenty others get everything', async (t) => {
  const clock = fakeClock();
  const app = await liveApp(t, { clock });
  const lazy = await lazyReader(t, app, '/ws/logs');
  const others = await Promise.all(Array.from({ length: 20 }, () => app.open('/ws/logs')));
  let count = 0;
  // More than the kernel's buffers and the backlog hold together.
  while (Number((app.stats().logs as { dropped: number }).dropped) < 50) {
    await app.ingest('log', [sampleLog(count, { message: `${count} ${text}` })]);
    count++;
    for (const tail of others) await tail.count(count);
    assert.ok(count < 5000, 'the bound of the backlog is not kept');
  }
  lazy.read();
  await eventually(
    () => lazy.messages().some((message) => typeof message === 'object' && message.type === 'gap'),
    'the gap',
  );
  await app.ingest('log', [sampleLog(count, { message: `${count} after` })]);
  await eventually(() => JSON.stringify(lazy.messages().at(-1)).includes('after'), 'the next message');

  const story = lazy.messages().map((message) => (typeof message === 'object' ? message : {}));
  const at = story.findIndex(({ type }) => type === 'gap');
  const { dropped } = story[at] ?? {};
  assert.equal(at + Number(dropped), count, 'what came and what was dropped is all there was');
  assert.deepEqual(
    story.slice(0, at).map(({ message }) => Number.parseInt(String(message), 10)),
    Array.from({ length: at }, (_, index) => index),
  );
  assert.equal(story.length, at + 2);
  for (const tail of others) {
    await tail.count(count + 1);
    assert.equal(tail.received.length, count + 1);
  }
});

test('one who stays behind is closed, and says nothing more to anyone', async (t) => {
  const clock = fakeClock();
  const app = await liveApp(t, { clock });
  const lazy = await lazyReader(t, app, '/ws/logs');
  const figures = () => app.stats().logs as { dropped: number; closed_slow: number; clients: number };
  for (let count = 0; figures().dropped === 0; count++) {
    await app.ingest('log', [sampleLog(count, { message: text })]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  clock.advance(MAX_LAG_MS - 1);
  assert.equal(figures().closed_slow, 0);
  clock.advance(1);
  assert.equal(figures().closed_slow, 1);
  lazy.read();
  await eventually(() => lazy.ended, 'the end');
  assert.equal(lazy.messages().at(-1), 1013);
  await eventually(() => figures().clients === 0, 'the client to be forgotten');
});

test('a peer that answers no ping is given up', async (t) => {
  const clock = fakeClock();
  const app = await liveApp(t, { clock });
  await lazyReader(t, app, '/ws/logs');
  const alive = await app.open('/ws/logs');
  for (let round = 0; round < 2; round++) {
    const pinged = new Promise((resolve) => alive.socket.once('ping', resolve));
    clock.advance(PING_EVERY_MS);
    await pinged;
    // Its pong has arrived when what it says after it is answered.
    alive.say({ type: 'ping' });
    await alive.count(round + 1);
  }
  await eventually(() => app.stats().connections === 1, 'the silent one to be gone');
  assert.equal(alive.closed, undefined);
});

test('more than anyone can follow is counted and told, not sent', async (t) => {
  const clock = fakeClock();
  const app = await liveApp(t, { clock });
  const [all, few] = [await app.open('/ws/logs'), await app.open('/ws/logs?service=rare')];
  for (let batch = 0; batch < 5; batch++) app.bus.publish('log', logBatch(batch * 5000, 5000));
  app.bus.publish('log', logBatch(25_000, 10, { service: 'rare' }));
  await all.count(ITEMS_PER_SECOND);
  await eventually(
    () => app.stats().logs !== undefined && (app.stats().logs as { dropped: number }).dropped >= 5010,
    'drops',
  );
  clock.advance(1000);
  app.bus.publish('log', logBatch(30_000, 1, { service: 'rare' }));
  await all.count(ITEMS_PER_SECOND + 2);
  assert.deepEqual(all.received[ITEMS_PER_SECOND], { type: 'gap', dropped: 5010 });
  assert.equal(all.received[ITEMS_PER_SECOND + 1]?.message, 'order 30000');
  await few.count(2);
  assert.deepEqual([few.received[0], few.received[1]?.message], [{ type: 'gap', dropped: 10 }, 'order 30000']);
});

/** A sink whose backlog is what the test says. */
class FakeSink implements Sink {
  backlogBytes = 0;
  readonly written: string[] = [];
  closed = false;
  #drained: (() => void)[] = [];
  write(bytes: Buffer) {
    this.written.push(...messagesOf(bytes).map((message) => JSON.stringify(message)));
  }
  onDrain(listener: () => void) {
    this.#drained.push(listener);
  }
  offDrain(listener: () => void) {
    this.#drained = this.#drained.filter((other) => other !== listener);
  }
  drain() {
    this.backlogBytes = 0;
    for (const listener of this.#drained) listener();
  }
  closeSlow() {
    this.closed = true;
  }
}

function subscription(clock: FakeClock) {
  const sink = new FakeSink();
  const counts = { sent: 0, dropped: 0, closedSlow: 0 };
  const member = new Subscription<EventOf>(sink, PLAIN, clock, counts);
  let encodings = 0;
  const give = (first: number, count: number) => {
    const run = [liveEvents(logBatch(first, count)).all];
    member.take(run, (encoding) => {
      encodings++;
      return encode(run, encoding);
    });
  };
  return { sink, counts, member, give, encodings: () => encodings };
}

test('nothing is encoded for a client that is behind, and a backlog at its bound is none', () => {
  const { sink, counts, give, encodings } = subscription(fakeClock());
  sink.backlogBytes = MAX_BACKLOG_BYTES;
  give(0, 2);
  assert.equal(sink.written.length, 2);
  sink.backlogBytes++;
  give(2, 3);
  give(5, 1000);
  assert.equal(encodings(), 2);
  assert.deepEqual(counts, { sent: 2, dropped: 1003, closedSlow: 0 });
  sink.drain();
  give(1005, 1);
  assert.deepEqual(
    sink.written.slice(2).map((message) => JSON.parse(message).dropped ?? 'event'),
    [1003, 'event'],
  );
});

test('a gap that nothing follows is told all the same', () => {
  const clock = fakeClock();
  const { sink, member } = subscription(clock);
  member.lose(4);
  member.lose(undefined);
  assert.deepEqual(sink.written, []);
  clock.advance(1000);
  assert.deepEqual(sink.written, ['{"type":"gap"}']);
  clock.advance(60_000);
  assert.equal(sink.written.length, 1);
});

test('one who catches up in time is not closed', () => {
  const clock = fakeClock();
  const { sink, give } = subscription(clock);
  for (let round = 0; round < 3; round++) {
    sink.backlogBytes = MAX_BACKLOG_BYTES + 1;
    give(round, 1);
    clock.advance(MAX_LAG_MS - 1);
    sink.drain();
  }
  clock.advance(MAX_LAG_MS);
  assert.equal(sink.closed, false);
});
