import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSigner } from 'fast-jwt';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { liveApp } from '../fixtures/live-app.ts';
import { alertMessage, sampleLog } from '../fixtures/live-samples.ts';
import { eventually } from '../fixtures/wait.ts';

test('a socket of a channel sends each event as it was stored, in order', async (t) => {
  const app = await liveApp(t);
  const tail = await app.open('/ws/logs');
  const ids = [];
  for (let number = 0; number < 30; number += 3) {
    ids.push(
      ...(await app.ingest(
        'log',
        [0, 1, 2].map((more) => sampleLog(number + more)),
      )),
    );
  }
  await tail.count(30);
  assert.deepEqual(tail.all('id'), ids);
  const { received_at, ...first } = tail.received[0] ?? {};
  assert.deepEqual(first, {
    id: ids[0],
    event_id: ids[0],
    timestamp: '2026-01-15T12:00:00.000Z',
    schema_version: 2,
    service: 'pay',
    level: 'info',
    message: 'order 0',
  });
  assert.match(String(received_at), /Z$/);
});

test('every channel has its own events', async (t) => {
  const app = await liveApp(t);
  const [logs, metrics, security, alerts] = await Promise.all(
    ['logs', 'metrics', 'security', 'alerts'].map((channel) => app.open(`/ws/${channel}`)),
  );
  const timestamp = Date.UTC(2026, 0, 15);
  await app.ingest('log', [sampleLog(1)]);
  await app.ingest('metric', [{ service: 'gw', name: 'cpu', value: 0.5, timestamp }]);
  await app.ingest('security', [{ service: 'ssh', type: 'brute_force', severity: 'high', timestamp }]);
  await app.ingest('heartbeat', [{ service: 'gw', status: 'healthy', timestamp }]);
  app.alert(alertMessage(7));
  for (const tail of [logs, metrics, security, alerts]) await tail?.count(1);
  assert.deepEqual(logs?.all('message'), ['order 1']);
  assert.deepEqual(metrics?.all('name'), ['cpu']);
  assert.deepEqual(security?.all('type'), ['brute_force']);
  assert.deepEqual(alerts?.received, [alertMessage(7)]);
});

test('filters are those of the query API', async (t) => {
  const app = await liveApp(t);
  const rows: [query: string, numbers: number[]][] = [
    ['', [0, 1, 2, 3]],
    ['?service=pay', [0, 2]],
    ['?level=warn,error', [1, 2]],
    ['?min_level=warn', [1, 2, 3]],
    ['?service=gw&min_level=error', [3]],
    ['?q=order%20-refused', [0, 1, 3]],
    ['?regex=refused$', [2]],
    ['?tags.region=eu', [1]],
    ['?service=nobody', []],
  ];
  const tails = await Promise.all(rows.map(([query]) => app.open(`/ws/logs${query}`)));
  const end = await app.open('/ws/logs?service=end');
  await app.ingest('log', [
    sampleLog(0),
    sampleLog(1, { service: 'gw', level: 'warn', tags: { region: 'eu' } }),
    sampleLog(2, { level: 'error', message: 'order 2 refused' }),
    sampleLog(3, { service: 'gw', level: 'fatal' }),
  ]);
  await app.ingest('log', [sampleLog(9, { service: 'end' })]);
  await end.count(1);
  for (const [index, [query, numbers]] of rows.entries()) {
    const tail = tails[index];
    assert.ok(tail);
    const wanted = query === '' ? numbers.length + 1 : numbers.length;
    await tail.count(wanted);
    const got = tail.all('message').filter((message) => message !== 'order 9');
    assert.deepEqual(
      got.map((message) => Number(/\d/.exec(String(message))?.[0])),
      numbers,
      query,
    );
  }
});

test('alerts are chosen by service, rule, status and type', async (t) => {
  const app = await liveApp(t);
  const tails = await Promise.all(
    ['?service=pay', '?rule=rule-1&type=opened,resolved', '?status=resolved'].map((query) =>
      app.open(`/ws/alerts${query}`),
    ),
  );
  app.alert(alertMessage(1));
  app.alert(alertMessage(2, 'gw'));
  const { incident, ...message } = alertMessage(3, 'gw');
  app.alert({ ...message, type: 'acknowledged', incident: { ...incident, status: 'resolved' } });
  const wanted = [['alert-1'], ['alert-1', 'alert-2'], ['alert-3']];
  for (const [index, ids] of wanted.entries()) {
    await tails[index]?.count(ids.length);
    assert.deepEqual(tails[index]?.all('id'), ids);
  }
});

test('one socket watches several channels, each with its filter', async (t) => {
  const app = await liveApp(t);
  const tail = await app.open('/ws');
  tail.say({ type: 'subscribe', channel: 'logs', filter: { service: 'pay' } });
  tail.say({ type: 'subscribe', channel: 'metrics:realtime' });
  tail.say({ type: 'ping' });
  await tail.count(3);
  await app.ingest('log', [sampleLog(1), sampleLog(2, { service: 'gw' })]);
  await app.ingest('metric', [{ service: 'gw', name: 'cpu', value: 1, timestamp: 0 }]);
  await tail.count(5);
  assert.deepEqual(tail.received.slice(0, 3), [
    { type: 'subscribed', channel: 'logs' },
    { type: 'subscribed', channel: 'metrics:realtime' },
    { type: 'pong' },
  ]);
  const [log, metric] = tail.received.slice(3);
  assert.deepEqual(
    [log?.type, log?.channel, metric?.type, metric?.channel],
    ['event', 'logs', 'event', 'metrics:realtime'],
  );
  assert.ok(JSON.stringify(log).includes('order 1'));

  tail.say({ type: 'subscribe', channel: 'logs', filter: { service: 'gw' } });
  tail.say({ type: 'unsubscribe', channel: 'metrics:realtime' });
  await tail.count(7);
  await app.ingest('metric', [{ service: 'gw', name: 'cpu', value: 2, timestamp: 0 }]);
  await app.ingest('log', [sampleLog(3), sampleLog(4, { service: 'gw' })]);
  await tail.count(8);
  assert.deepEqual(
    tail.received.slice(5).map(({ type }) => type),
    ['subscribed', 'unsubscribed', 'event'],
  );
  assert.equal(JSON.stringify(tail.received[7]).includes('order 4'), true);
});

test('what makes no sense is answered, and the connection goes on', async (t) => {
  const app = await liveApp(t);
  const rows: [message: unknown, code: string, names: string][] = [
    ['not json', 'LW_INVALID_JSON', ''],
    ['{"__proto__":{"type":"ping"}}', 'LW_INVALID_JSON', ''],
    ['[]', 'LW_INVALID_REQUEST', ''],
    [{ type: 'shout' }, 'LW_INVALID_REQUEST', 'type'],
    [{ type: 'subscribe' }, 'LW_INVALID_REQUEST', 'channel'],
    [{ type: 'subscribe', channel: 'secrets' }, 'LW_INVALID_REQUEST', 'channel'],
    [{ type: 'subscribe', channel: 'logs', colour: 'red' }, 'LW_INVALID_REQUEST', 'colour'],
    [{ type: 'subscribe', channel: 'logs', filter: { colour: 'red' } }, 'LW_INVALID_PARAMETER', 'colour'],
    [{ type: 'subscribe', channel: 'logs', filter: { level: 'loud' } }, 'LW_INVALID_PARAMETER', 'level'],
    [{ type: 'subscribe', channel: 'logs', filter: { service: ['a', 'b'] } }, 'LW_INVALID_REQUEST', 'service'],
    [{ type: 'subscribe', channel: 'logs', filter: { regex: '(?=x)' } }, 'LW_INVALID_PARAMETER', 'regex'],
    [{ type: 'subscribe', channel: 'alerts', filter: { status: 'odd' } }, 'LW_INVALID_PARAMETER', 'status'],
  ];
  const tail = await app.open('/ws');
  for (const [index, [message, code, names]] of rows.entries()) {
    tail.say(message);
    await tail.count(index + 1);
    const { type, error } = tail.received[index] ?? {};
    assert.equal(type, 'error');
    assert.ok(JSON.stringify(error).includes(code), `${JSON.stringify(message)}: ${JSON.stringify(error)}`);
    assert.ok(JSON.stringify(error).includes(names), JSON.stringify(error));
  }
  tail.say({ type: 'ping' });
  await tail.count(rows.length + 1);
});

test('a socket of one channel answers ping and nothing else', async (t) => {
  const app = await liveApp(t);
  const tail = await app.open('/ws/metrics');
  tail.say({ type: 'ping' });
  tail.say({ type: 'subscribe', channel: 'logs' });
  await tail.count(2);
  assert.deepEqual(tail.all('type'), ['pong', 'error']);
});

test('the bus is listened to only while somebody watches', async (t) => {
  const app = await liveApp(t);
  const idle = app.bus.stats().subscribers;
  const tails = await Promise.all([app.open('/ws/logs'), app.open('/ws/logs?service=pay'), app.open('/ws/logs')]);
  assert.equal(app.bus.stats().subscribers, idle + 1);
  for (const tail of tails) tail.socket.close();
  await eventually(() => app.bus.stats().subscribers === idle, 'the bus to be left');
});

test('a token in the query is believed until it expires, then the socket is closed', async (t) => {
  const clock = fakeClock();
  const secret = 'a-secret-of-at-least-thirty-two-characters';
  const app = await liveApp(t, { clock, env: { JWT_SECRET: secret, API_KEY: 'key-in-the-environment' } });
  const sign = createSigner({ key: secret, noTimestamp: true });
  const exp = clock.now() / 1000 + 60;
  const tail = await app.open(`/ws/logs?token=${sign({ sub: 'ann', exp })}`);
  const byKey = await app.open('/ws/authenticated?apiKey=key-in-the-environment');
  await app.ingest('log', [sampleLog(1)]);
  await tail.count(1);
  clock.advance(60_000);
  assert.deepEqual(await tail.end(), { code: 1008, reason: 'the credential has expired' });
  assert.equal(byKey.closed, undefined);
});

test('figures count clients and messages', async (t) => {
  const app = await liveApp(t);
  const tail = await app.open('/ws/logs');
  await app.ingest('log', [sampleLog(1), sampleLog(2)]);
  await tail.count(2);
  assert.equal(app.stats().connections, 1);
  assert.deepEqual(app.stats().logs, { clients: 1, sent: 2, dropped: 0, closed_slow: 0 });
});
