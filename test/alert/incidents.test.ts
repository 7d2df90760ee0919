import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Incident } from '../../schemas/incident.ts';
import type { Rule } from '../../schemas/rule.ts';
import { eventually } from '../fixtures/wait.ts';
import { openAlerting, openTarget } from './alerting.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const ERRORS = { service: 'pay', threshold: 3, windowMinutes: 5, cooldownMinutes: 0 };

test('errors past a threshold open an incident, and their end resolves it', async (t) => {
  const desk = await openAlerting(t);
  const ruleId = await desk.rule(ERRORS);
  await desk.logs(2);
  await desk.logs(5, { level: 'info' });
  await desk.logs(5, { service: 'other' });
  await desk.tick();
  assert.deepEqual(await desk.incidents(), []);

  await desk.logs(1, { level: 'fatal' });
  await desk.after(SECOND_MS);
  const [incident] = await desk.incidents();
  const { id, history: _history, ...opened } = incident ?? assert.fail('no incident');
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(opened, {
    ruleId,
    service: 'pay',
    group: null,
    fingerprint: `pay:${ruleId}`,
    status: 'open',
    errorCount: 3,
    value: 3,
    windowMinutes: 5,
    triggeredAt: '2026-01-15T12:00:01.000Z',
    lastSeenErrorAt: '2026-01-15T12:00:01.000Z',
    acknowledgedAt: null,
    resolvedAt: null,
  });
  const { body: rule } = await desk.call<Rule>('GET', `/api/alerts/${ruleId}`);
  assert.equal(rule.lastTriggeredAt, '2026-01-15T12:00:01.000Z');

  await desk.logs(2);
  await desk.after(30 * SECOND_MS);
  const [going] = await desk.incidents();
  assert.equal(going?.lastSeenErrorAt, '2026-01-15T12:00:31.000Z');
  assert.equal(going?.triggeredAt, '2026-01-15T12:00:01.000Z');
  assert.equal(going?.errorCount, 3);
  assert.equal(going?.value, 5);

  await desk.after(5 * MINUTE_MS);
  assert.equal((await desk.incidents())[0]?.status, 'open');
  await desk.after(5 * MINUTE_MS);
  const [ended] = await desk.incidents();
  assert.equal(ended?.status, 'resolved');
  assert.equal(ended?.resolvedAt, '2026-01-15T12:10:31.000Z');
  assert.deepEqual(
    ended?.history.map(({ from, to, by }) => [from, to, by]),
    [
      [null, 'open', 'lightwatch'],
      ['open', 'resolved', 'lightwatch'],
    ],
  );
  assert.deepEqual(
    (await desk.told(2)).map(({ type, id: messageId, incident: { status } }) => [type, messageId, status]),
    [
      ['opened', `${id}:1`, 'open'],
      ['resolved', `${id}:2`, 'resolved'],
    ],
  );
  assert.ok(!('notices' in ((await desk.told(2))[0]?.incident ?? {})));
});

test('after its end an incident reopens once the quiet period is over, and is the same incident', async (t) => {
  const desk = await openAlerting(t);
  await desk.rule({ ...ERRORS, threshold: 1, windowMinutes: 1 });
  await desk.logs(1);
  await desk.tick();
  const [first] = await desk.incidents();
  await desk.call('POST', `/api/alerts/incidents/${first?.id}/resolve`);

  for (let minute = 1; minute < 15; minute++) {
    await desk.logs(1);
    await desk.after(MINUTE_MS);
    await desk.logs(1);
    await desk.tick();
    assert.equal((await desk.incidents())[0]?.status, 'resolved', `minute ${minute}`);
  }
  desk.clock.advance(MINUTE_MS);
  await desk.logs(1);
  await desk.tick();
  const incidents = await desk.incidents();
  assert.deepEqual(
    incidents.map(({ id, status, resolvedAt }) => [id, status, resolvedAt]),
    [[first?.id, 'open', null]],
  );
  assert.deepEqual(
    (await desk.told(3)).map(({ type }) => type),
    ['opened', 'resolved', 'reopened'],
  );
});

test('a threshold is on the newest value, or an aggregate of the window; no data are no breach', async (t) => {
  const desk = await openAlerting(t);
  const rule = (own: object) => ({
    type: 'threshold',
    service: 'gw',
    condition: { metric: 'cpu_usage', operator: 'gt', threshold: 90, ...own },
  });
  const last = await desk.rule(rule({}));
  const average = await desk.rule(rule({ aggregate: 'avg', duration: '10m' }));
  const tagged = await desk.rule(rule({ tags: { zone: 'a' } }));
  const anywhere = await desk.rule({ ...rule({ aggregate: 'max' }), service: '*' });
  const low = await desk.rule(rule({ operator: 'lt', threshold: 10 }));
  const breached = async () => new Set((await desk.incidents('?status=open')).map(({ ruleId }) => ruleId));
  await desk.tick();
  assert.deepEqual(await breached(), new Set());

  await desk.metric(10);
  await desk.after(SECOND_MS);
  await desk.metric(95);
  await desk.tick();
  assert.deepEqual(await breached(), new Set([last, anywhere]));

  await desk.after(SECOND_MS);
  await desk.metric(99, { tags: { zone: 'a' } });
  for (let index = 0; index < 20; index++) await desk.metric(100);
  await desk.after(SECOND_MS);
  assert.deepEqual(await breached(), new Set([last, average, tagged, anywhere]));
  const [everywhere] = await desk.incidents(`?rule=${anywhere}`);
  assert.equal(everywhere?.service, '*');
  assert.equal(everywhere?.value, 100);
  assert.equal((await desk.incidents(`?rule=${low}`)).length, 0);
});

test('words and levels choose the lines that count', async (t) => {
  const desk = await openAlerting(t);
  const condition = { threshold: 2, windowMinutes: 5, cooldownMinutes: 0 };
  const words = await desk.rule({ type: 'log_count', condition: { ...condition, q: '"card refused" -test' } });
  const infos = await desk.rule({ type: 'log_count', service: 'web', condition: { ...condition, level: 'info' } });
  await desk.logs(1, { message: 'the card refused' });
  await desk.logs(1, { message: 'test: card refused' });
  await desk.logs(1, { service: 'web', level: 'info', message: 'refused card' });
  await desk.tick();
  assert.deepEqual(await desk.incidents(), []);
  await desk.logs(1, { service: 'web', level: 'info', message: 'Card Refused!' });
  await desk.tick();
  const found = (await desk.incidents()).map(({ ruleId, service }) => [ruleId, service]);
  assert.deepEqual(
    found.sort(),
    [
      [words, '*'],
      [infos, 'web'],
    ].sort(),
  );
});

test('a service that falls silent, or says it is unwell, has an incident of its own', async (t) => {
  const desk = await openAlerting(t);
  const silent = await desk.rule({ type: 'heartbeat', condition: { older_than: '60s' } });
  const never = await desk.rule({ type: 'heartbeat', service: 'ghost', condition: { older_than: '60s' } });
  const unwell = await desk.rule({ type: 'heartbeat', service: 'pay', condition: { status: 'unhealthy' } });
  const virtual = await desk.rule({
    type: 'threshold',
    service: 'pay',
    condition: { metric: 'heartbeat_age_seconds', operator: 'gte', threshold: 120 },
  });
  const open = async () =>
    (await desk.incidents('?status=open')).map(({ ruleId, service }) => `${service} ${ruleId}`).sort();
  await desk.heartbeat({ host: 'a' });
  await desk.heartbeat({ host: 'b', status: 'unhealthy' });
  await desk.heartbeat({ service: 'web' });
  await desk.tick();
  assert.deepEqual(await open(), [`pay ${unwell}`]);
  await desk.after(60 * SECOND_MS);
  assert.deepEqual(await open(), [`pay ${unwell}`]);
  await desk.after(1);
  assert.deepEqual(await open(), [`pay ${unwell}`, `pay ${silent}`, `web ${silent}`].sort());
  await desk.after(MINUTE_MS);
  assert.deepEqual(await open(), [`pay ${unwell}`, `pay ${silent}`, `pay ${virtual}`, `web ${silent}`].sort());
  await desk.heartbeat({ host: 'b' });
  await desk.tick();
  await desk.after(2 * MINUTE_MS);
  // `web` is still silent, `pay` is silent again, and `b` is well.
  assert.deepEqual(await open(), [`pay ${silent}`, `pay ${virtual}`, `web ${silent}`].sort());
  assert.deepEqual(await desk.incidents(`?rule=${never}`), []);
});

test('a condition has to hold for the rule’s `for`, also over a restart', async (t) => {
  const before = await openAlerting(t);
  await before.rule({ ...ERRORS, threshold: 1, for: '2m' });
  await before.logs(1);
  await before.tick();
  await before.after(MINUTE_MS);
  assert.deepEqual(await before.incidents(), []);
  await before.close();

  const { clock, store } = before;
  clock.advance(59 * SECOND_MS);
  const after = await openAlerting(t, { clock, store });
  assert.deepEqual(await after.incidents(), []);
  await after.after(SECOND_MS);
  assert.equal((await after.incidents()).length, 1);
  assert.equal((await store.documents.list('pending_breaches')).total, 0);
});

test('what breaks off before its `for` is over begins anew', async (t) => {
  const desk = await openAlerting(t);
  await desk.rule({ ...ERRORS, threshold: 1, windowMinutes: 1, for: '3m' });
  for (const _ of [1, 2]) {
    await desk.logs(1);
    await desk.tick();
    await desk.after(2 * MINUTE_MS);
    assert.equal((await desk.store.documents.list('pending_breaches')).total, 0);
  }
  assert.deepEqual(await desk.incidents(), []);
});

test('people acknowledge, note and resolve; each is in the history under their name', async (t) => {
  const desk = await openAlerting(t, { env: { API_KEY: 'a-secret-key' } });
  const headers = { 'x-api-key': 'a-secret-key' };
  const post = async (url: string, payload?: object) => {
    const reply = await desk.app.inject({ method: 'POST', url, headers, ...(payload !== undefined && { payload }) });
    return { status: reply.statusCode, body: reply.json() };
  };
  await post('/api/alerts', { ...ERRORS, threshold: 1 });
  await desk.logs(1);
  await desk.tick();
  const { data } = (await desk.app.inject({ url: '/api/alerts/incidents', headers })).json();
  const url = `/api/alerts/incidents/${data[0].id}`;

  const acknowledged = await post(`${url}/acknowledge`);
  assert.equal(acknowledged.body.status, 'acknowledged');
  assert.equal(acknowledged.body.acknowledgedAt, '2026-01-15T12:00:00.000Z');
  assert.deepEqual(await post(`${url}/acknowledge`), acknowledged);
  await desk.after(SECOND_MS);
  assert.equal((await post(`${url}/notes`, { note: 'the bank is down' })).status, 200);
  assert.equal((await post(`${url}/notes`, {})).status, 400);
  const resolved = await post(`${url}/resolve`);
  assert.equal(resolved.body.resolvedAt, '2026-01-15T12:00:01.000Z');
  assert.deepEqual(await post(`${url}/resolve`), resolved);
  assert.equal((await post(`${url}/acknowledge`)).status, 409);
  assert.equal((await post('/api/alerts/incidents/none/resolve')).status, 404);
  assert.equal((await desk.app.inject({ url: '/api/alerts/incidents/none', headers })).statusCode, 404);

  const shown: Incident = (await desk.app.inject({ url, headers })).json();
  assert.deepEqual(
    shown.history.map(({ to, by, note }) => [to, by, note]),
    [
      ['open', 'lightwatch', undefined],
      ['acknowledged', 'API_KEY', undefined],
      ['acknowledged', 'API_KEY', 'the bank is down'],
      ['resolved', 'API_KEY', undefined],
    ],
  );
  assert.deepEqual(
    (await desk.told(4)).map(({ type }) => type),
    ['opened', 'acknowledged', 'noted', 'resolved'],
  );
});

test('incidents are listed newest first, by status, service and rule', async (t) => {
  const desk = await openAlerting(t);
  const pay = await desk.rule({ ...ERRORS, threshold: 1 });
  await desk.logs(1);
  await desk.tick();
  const web = await desk.rule({ ...ERRORS, threshold: 1, service: 'web' });
  await desk.logs(1, { service: 'web' });
  await desk.after(SECOND_MS);
  const [, old] = await desk.incidents();
  await desk.call('POST', `/api/alerts/incidents/${old?.id}/resolve`);
  const rows: [string, readonly string[]][] = [
    ['', ['web', 'pay']],
    ['?status=open', ['web']],
    ['?status=resolved', ['pay']],
    ['?service=pay', ['pay']],
    [`?rule=${web}`, ['web']],
    [`?rule=${pay}&status=open`, []],
    ['?limit=1&page=2', ['pay']],
  ];
  for (const [query, want] of rows) {
    const found = (await desk.incidents(query)).map(({ service }) => service);
    assert.deepEqual(found, want, query);
  }
  for (const query of ['?status=closed', '?who=me']) {
    assert.equal((await desk.call('GET', `/api/alerts/incidents${query}`)).status, 400);
  }
});

test('an incident whose rule is switched off or deleted ends with the next tick', async (t) => {
  const desk = await openAlerting(t);
  const off = await desk.rule({ ...ERRORS, threshold: 1 });
  const gone = await desk.rule({ ...ERRORS, threshold: 1 });
  await desk.logs(1);
  await desk.tick();
  await desk.call('PATCH', `/api/alerts/${off}`, { enabled: false });
  await desk.call('DELETE', `/api/alerts/${gone}`);
  await desk.after(SECOND_MS);
  for (const [rule, note] of [
    [off, 'its rule was switched off'],
    [gone, 'its rule was deleted'],
  ]) {
    const [incident] = await desk.incidents(`?rule=${rule}`);
    assert.deepEqual([incident?.status, incident?.history.at(-1)?.note], ['resolved', note]);
  }
});

test('two engines over one store make one incident, and it opens once', async (t) => {
  const one = await openAlerting(t);
  await one.rule({ ...ERRORS, threshold: 1 });
  const two = await openAlerting(t, { clock: one.clock, store: one.store });
  await one.logs(1);
  await Promise.all([one.tick(), two.tick()]);
  const [incident, ...more] = await one.incidents();
  assert.deepEqual(more, []);
  assert.equal(incident?.history.length, 1);
  await one.call('POST', `/api/alerts/incidents/${incident?.id}/resolve`);
  const told = await Promise.all([one.told(1), two.told(0)]);
  await one.told(told[0][0]?.type === 'opened' ? 2 : 1);
  assert.equal(told.flat().filter(({ type }) => type === 'opened').length, 1);
});

test('resolved incidents and their deliveries are kept as long as the settings say', async (t) => {
  const desk = await openAlerting(t, { env: { RETENTION_INCIDENTS: '2d' } });
  const target = await openTarget(t);
  const rule = await desk.rule({ ...ERRORS, threshold: 1, webhook: target.url });
  await desk.rule({ type: 'heartbeat', condition: { older_than: '60s' } });
  await desk.heartbeat();
  await desk.logs(1);
  await desk.tick();
  await target.until(1);
  await desk.call('POST', `/api/alerts/incidents/${(await desk.incidents())[0]?.id}/resolve`);
  await target.until(2);
  const kept = async () => (await desk.store.documents.list('deliveries', { where: { status: 'delivered' } })).total;
  await eventually(async () => (await kept()) === 2, 'both deliveries written down');
  await desk.after(47 * 60 * MINUTE_MS);
  assert.equal((await desk.incidents(`?rule=${rule}`)).length, 1);
  await desk.after(61 * MINUTE_MS);
  assert.deepEqual(
    (await desk.incidents()).map(({ ruleId, status }) => [ruleId === rule, status]),
    [[false, 'open']],
  );
  assert.equal(await kept(), 0);
});
