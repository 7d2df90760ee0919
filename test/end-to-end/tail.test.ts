import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { buildTestApp } from '../fixtures/build-app.ts';
import { Tail } from '../fixtures/live-app.ts';

const post = (address: string, body: unknown) =>
  fetch(`${address}/ingest/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const log = (message: string) => ({ service: 'shop', level: 'info', message });

test('what is posted appears in the tail, and what was missed appears after coming back', async (t) => {
  const app = await buildTestApp(t);
  const address = await app.listen();
  const open = async (path: string) => {
    const tail = new Tail(new WebSocket(`${address.replace('http', 'ws')}${path}`));
    t.after(() => tail.socket.terminate());
    await once(tail.socket, 'open');
    return tail;
  };

  const tail = await open('/ws/logs?service=shop');
  assert.equal((await post(address, log('one'))).status, 201);
  assert.equal(
    (await post(address, [log('two'), { ...log('elsewhere'), service: 'other' }, log('three')])).status,
    200,
  );
  await tail.count(3);
  assert.deepEqual(tail.all('message'), ['one', 'two', 'three']);

  const found = await (await fetch(`${address}/api/logs?service=shop&order=asc`)).text();
  for (const event of tail.received)
    assert.ok(found.includes(JSON.stringify(event)), 'the tail shows what a query shows');

  tail.socket.terminate();
  await post(address, [log('four'), log('five')]);
  const back = await open(`/ws/logs?service=shop&since=${tail.received[1]?.id}`);
  await back.count(3);
  await post(address, log('six'));
  await back.count(4);
  assert.deepEqual(back.all('message'), ['three', 'four', 'five', 'six']);
});

test('shutting down tells the tails, and does not wait for those who do not listen', async (t) => {
  const app = await buildTestApp(t);
  const address = await app.listen();
  const tail = new Tail(new WebSocket(`${address.replace('http', 'ws')}/ws/logs`));
  await once(tail.socket, 'open');
  await app.close();
  assert.equal((await tail.end()).code, 1001);
});
