import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import { COMMENT_EVERY_MS } from '../../src/realtime/event-stream-client.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { liveApp } from '../fixtures/live-app.ts';
import { sampleLog } from '../fixtures/live-samples.ts';
import { eventually } from '../fixtures/wait.ts';

/** An open stream and all it has brought so far. */
async function openStream(t: TestContext, url: string, headers: Record<string, string> = {}) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = get(url, { headers }, resolve);
    request.on('error', reject);
    t.after(() => request.destroy());
  });
  const stream = { response, text: '', ended: false };
  response.on('data', (bytes) => {
    stream.text += bytes;
  });
  response.on('end', () => {
    stream.ended = true;
  });
  response.on('error', () => {});
  return stream;
}

const eventsOf = (text: string) =>
  Array.from(text.matchAll(/^id: (.*)\ndata: (.*)\n\n/gm), ([, id, data]) => ({ id, data }));

test('the tail sends each event with its id', async (t) => {
  const app = await liveApp(t);
  const stream = await openStream(t, `${app.base}/api/logs/tail?service=pay`);
  assert.equal(stream.response.statusCode, 200);
  assert.match(String(stream.response.headers['content-type']), /^text\/event-stream/);
  assert.equal(stream.response.headers['cache-control'], 'no-store');
  const ids = await app.ingest('log', [sampleLog(1), sampleLog(2, { service: 'gw' }), sampleLog(3)]);
  await eventually(() => eventsOf(stream.text).length === 2, 'two events');
  const events = eventsOf(stream.text);
  assert.deepEqual(
    events.map(({ id }) => id),
    [ids[0], ids[2]],
  );
  assert.deepEqual(
    events.map(({ data }) => JSON.parse(String(data)).message),
    ['order 1', 'order 3'],
  );
});

test('a client that comes back goes on where it was, whatever the URL says', async (t) => {
  const app = await liveApp(t);
  const ids = await app.ingest('log', [sampleLog(0), sampleLog(1), sampleLog(2)]);
  const first = await openStream(t, `${app.base}/api/logs/tail?since=${ids[0]}`);
  await eventually(() => eventsOf(first.text).length === 2, 'the replay');
  first.response.destroy();
  const back = await openStream(t, `${app.base}/api/logs/tail?since=${ids[0]}`, { 'last-event-id': String(ids[1]) });
  const [next] = await app.ingest('log', [sampleLog(3)]);
  await eventually(() => eventsOf(back.text).length === 2, 'what was missed and what is new');
  assert.deepEqual(
    eventsOf(back.text).map(({ id }) => id),
    [ids[2], next],
  );
});

test('a silent stream is kept open with comments', async (t) => {
  const clock = fakeClock();
  const app = await liveApp(t, { clock });
  const stream = await openStream(t, `${app.base}/api/logs/tail`);
  await eventually(() => stream.text === 'retry: 2000\n\n', 'the beginning');
  clock.advance(COMMENT_EVERY_MS);
  await eventually(() => stream.text === 'retry: 2000\n\n:\n\n', 'a comment');
});

test('a stream that is left is forgotten', async (t) => {
  const app = await liveApp(t);
  const idle = app.bus.stats().subscribers;
  const stream = await openStream(t, `${app.base}/api/logs/tail`);
  await eventually(() => app.stats().connections === 1, 'a client');
  stream.response.destroy();
  await eventually(() => app.stats().connections === 0 && app.bus.stats().subscribers === idle, 'no client');
});

test('a wrong filter is a plain 400', async (t) => {
  const app = await liveApp(t);
  for (const query of ['colour=red', 'level=loud', 'level=info&level=warn', 'page=2']) {
    const response = await fetch(`${app.base}/api/logs/tail?${query}`);
    assert.equal(response.status, 400, query);
    assert.match(await response.text(), new RegExp(`LW_INVALID_PARAMETER.*${query.split('=')[0]}`));
  }
});

test('pages of allowed origins may read it, with the headers of every answer', async (t) => {
  const app = await liveApp(t, { env: { CORS_ORIGIN: 'https://ops.example.com' } });
  const { response } = await openStream(t, `${app.base}/api/logs/tail`, { origin: 'https://ops.example.com' });
  assert.equal(response.headers['access-control-allow-origin'], 'https://ops.example.com');
  assert.equal(response.headers['x-content-type-options'], 'nosniff');
});

test('shutdown ends sockets with 1001 and streams with their end', async (t) => {
  const app = await liveApp(t);
  const stream = await openStream(t, `${app.base}/api/logs/tail`);
  const tails = await Promise.all(['/ws/logs', '/ws/alerts', '/ws'].map((path) => app.open(path)));
  await app.fastify.close();
  for (const tail of tails) {
    assert.deepEqual(await tail.end(), { code: 1001, reason: 'the server is shutting down' });
  }
  await eventually(() => stream.ended, 'the end of the stream');
  assert.equal(app.bus.stats().subscribers, 0);
});
