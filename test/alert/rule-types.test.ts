import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../schemas/decision.ts';
import { MAX_GROUPS } from '../../src/alert/bound-groups.ts';
import { type Alerting, openAlerting } from './alerting.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

async function open({ incidents }: Alerting): Promise<string[]> {
  const found = await incidents('?status=open&limit=500');
  return found.map(({ service, group }) => (group === null ? service : `${service}/${group}`)).sort();
}

async function reasons({ call }: Alerting, rule: string): Promise<string[]> {
  const { body } = await call<{ data: readonly Decision[] }>('GET', `/api/alerts/${rule}/decisions`);
  return body.data.map(({ outcome, reason }) => `${outcome}: ${reason}`);
}

test('rate_change: a metric against its own window before, in percent', async (t) => {
  const desk = await openAlerting(t);
  const id = await desk.rule({
    type: 'rate_change',
    service: 'gw',
    condition: { metric: 'rps', operator: 'gt', threshold: 50, duration: '1m' },
    resolve_after: '30s',
  });
  const rows: [number | null, string, readonly string[]][] = [
    [100, 'no_data: No value to judge by: there is nothing in the window before to compare it with.', []],
    [140, 'not_breached: rps changed by 40% in 1m (140, 100 in the window before); the limit is > 50%.', []],
    [
      210.5,
      'paged: rps changed by 50.36% in 1m (210.5, 140 in the window before); the limit is > 50%. It opened',
      ['gw'],
    ],
    [0, 'not_breached: rps changed by -100% in 1m (0, 210.5 in the window before)', ['gw']],
    [5, 'no_data: No value to judge by: it went from 0 to 5, which is no percentage. That has lasted', []],
    [null, 'no_data: No data in 1m.', []],
    [7, 'no_data: No value to judge by: there is nothing in the window before', []],
  ];
  for (const [value, reason, incidents] of rows) {
    desk.clock.advance(MINUTE_MS);
    if (value !== null) await desk.metric(value, { name: 'rps' });
    await desk.tick();
    const [latest = ''] = await reasons(desk, id);
    assert.ok(latest.startsWith(reason), `${latest}\n${reason}`);
    assert.deepEqual(await open(desk), incidents, String(value));
  }
});

test('rate_change of counts: no values are a count of zero', async (t) => {
  const desk = await openAlerting(t);
  await desk.rule({
    type: 'rate_change',
    condition: { metric: 'orders', operator: 'lte', threshold: -80, duration: '1m', aggregate: 'count' },
    group_by: ['tags.shop'],
  });
  for (const shop of ['a', 'b']) await desk.metric(1, { name: 'orders', tags: { shop } });
  await desk.after(0);
  desk.clock.advance(MINUTE_MS);
  await desk.metric(1, { name: 'orders', tags: { shop: 'a' } });
  await desk.tick();
  assert.deepEqual(await open(desk), ['*/b']);
});

for (const method of ['zscore', 'iqr'] as const) {
  test(`anomaly by ${method}: needs a history, is quiet on a flat line, and sees what is unusual`, async (t) => {
    const desk = await openAlerting(t);
    const condition = { metric: 'latency', method, threshold: 3, duration: '1m' };
    const id = await desk.rule({ type: 'anomaly', service: 'gw', condition });
    const minute = async (value: number) => {
      desk.clock.advance(MINUTE_MS);
      await desk.metric(value, { name: 'latency' });
      await desk.tick();
    };
    await minute(50);
    await minute(5000);
    assert.match((await reasons(desk, id))[0] ?? '', /no_data: .* of 12 earlier windows have data/);
    desk.clock.advance(2 * HOUR_MS);
    for (let index = 0; index < 40; index++) await minute(50);
    assert.deepEqual(await open(desk), []);
    desk.clock.advance(2 * HOUR_MS);
    for (let index = 0; index < 40; index++) await minute(45 + (index % 11));
    assert.deepEqual(await open(desk), []);
    await minute(120);
    assert.deepEqual(await open(desk), ['gw']);
    assert.match(
      (await reasons(desk, id))[0] ?? '',
      /paged: latency is [\d.]+ .* from usual \(120, where 49(\.62)? is usual/,
    );
  });
}

test('anomaly by season: the same hour of last week is what is usual', async (t) => {
  const desk = await openAlerting(t);
  const condition = { metric: 'rps', method: 'seasonal', threshold: 4, duration: '5m' };
  await desk.rule({ type: 'anomaly', service: 'gw', condition });
  const start = desk.clock.now();
  // Noon is busy, and the other hours are not.
  for (let minute = -60; minute <= 60; minute++) {
    await desk.metric(900 + (minute % 3) * 10, { name: 'rps', timestamp: start + minute * MINUTE_MS });
    await desk.metric(10, { name: 'rps', timestamp: start + 6 * HOUR_MS + minute * MINUTE_MS });
  }
  desk.clock.advance(7 * 24 * HOUR_MS);
  await desk.metric(905, { name: 'rps' });
  await desk.tick();
  assert.deepEqual(await open(desk), []);
  await desk.after(6 * HOUR_MS);
  await desk.metric(905, { name: 'rps' });
  await desk.tick();
  assert.deepEqual(await open(desk), ['gw']);
});

test('security: by type, severity and source', async (t) => {
  const desk = await openAlerting(t);
  const condition = { threshold: 2, duration: '10m' };
  const rule = (name: string, own: object) =>
    desk.rule({ type: 'security', name, service: name, condition: { ...condition, ...own } });
  for (const service of ['any', 'force', 'high', 'from']) {
    for (const own of [
      { type: 'brute_force', severity: 'low', source_ip: '10.0.0.1' },
      { type: 'port_scan', severity: 'high', source_ip: '10.0.0.2' },
      { type: 'port_scan', severity: 'critical' },
    ] as const) {
      await desk.security({ service, ...own });
    }
  }
  await rule('any', {});
  await rule('force', { event_type: 'brute_force' });
  await rule('high', { severity: ['high', 'critical'] });
  await rule('from', { source_ip: '10.0.0.1' });
  await desk.tick();
  assert.deepEqual(await open(desk), ['any', 'high']);
  await desk.security({ service: 'from', source_ip: '10.0.0.1' });
  await desk.security({ service: 'force' });
  await desk.tick();
  assert.deepEqual(await open(desk), ['any', 'force', 'from', 'high']);
  assert.equal((await desk.incidents('?service=any'))[0]?.errorCount, 3);
});

test('absence: nothing that matches in the window', async (t) => {
  const desk = await openAlerting(t);
  const backups = await desk.rule({ type: 'absence', name: 'backup', condition: { q: 'backup done', duration: '1h' } });
  await desk.rule({ type: 'absence', service: 'gw', condition: { metric: 'rps', duration: '10m' } });
  await desk.logs(1, { level: 'info', message: 'Backup done in 3 s' });
  await desk.metric(1, { name: 'rps' });
  await desk.tick();
  assert.deepEqual(await open(desk), []);
  await desk.after(10 * MINUTE_MS);
  assert.deepEqual(await open(desk), ['gw']);
  await desk.logs(5, { message: 'backup failed' });
  await desk.after(50 * MINUTE_MS);
  assert.deepEqual(await open(desk), ['*', 'gw']);
  assert.match((await reasons(desk, backups))[0] ?? '', /^paged: No matching log came in 1h. It opened/);
});

test('absence by group: each that was there, and stays absent however long', async (t) => {
  const desk = await openAlerting(t);
  await desk.rule({ type: 'absence', condition: { kind: 'log', duration: '10m' }, group_by: ['host'] });
  for (const host of ['h1', 'h2']) await desk.logs(1, { host });
  await desk.tick();
  for (let hour = 0; hour < 30; hour++) {
    desk.clock.advance(HOUR_MS);
    await desk.logs(1, { host: 'h1' });
    await desk.tick();
  }
  assert.deepEqual(await open(desk), ['*/h2']);
  await desk.logs(1, { host: 'h2' });
  await desk.tick();
  await desk.after(6 * MINUTE_MS);
  assert.deepEqual(await open(desk), []);
});

test('groups have incidents of their own, which end for themselves', async (t) => {
  const desk = await openAlerting(t);
  const condition = { level: 'error', threshold: 2, windowMinutes: 5, cooldownMinutes: 0 };
  await desk.rule({ type: 'log_count', condition, group_by: ['service'] });
  await desk.rule({ type: 'log_count', condition, service: 'pay', group_by: ['host', 'tags.region'] });
  await desk.rule({
    type: 'threshold',
    service: 'gw',
    group_by: ['tags.disk'],
    condition: { metric: 'full', operator: 'gte', threshold: 90 },
  });
  for (const host of ['h1', 'h2']) await desk.logs(2, { host, tags: { region: 'eu' } });
  await desk.logs(1, { service: 'web' });
  await desk.logs(2, { service: 'gate' });
  await desk.metric(95, { name: 'full', tags: { disk: 'sda' } });
  await desk.metric(10, { name: 'full', tags: { disk: 'sdb' } });
  await desk.tick();
  const groups = ['gate/gate', 'gw/sda', 'pay/host=h1,tags.region=eu', 'pay/host=h2,tags.region=eu', 'pay/pay'];
  assert.deepEqual(await open(desk), groups);
  const [one] = await desk.incidents('?service=gw');
  assert.equal(one?.fingerprint, `gw:${one?.ruleId}:sda`);
  desk.clock.advance(4 * MINUTE_MS);
  await desk.logs(2, { host: 'h1', tags: { region: 'eu' } });
  await desk.metric(20, { name: 'full', tags: { disk: 'sda' } });
  await desk.tick();
  for (let minute = 0; minute < 8; minute++) {
    desk.clock.advance(MINUTE_MS);
    await desk.logs(2, { host: 'h1', tags: { region: 'eu' } });
    await desk.tick();
  }
  assert.deepEqual(await open(desk), ['pay/host=h1,tags.region=eu', 'pay/pay']);
});

test('too many groups are cut, and that is said', async (t) => {
  const desk = await openAlerting(t);
  const condition = { threshold: 1, windowMinutes: 5, cooldownMinutes: 0 };
  const id = await desk.rule({ type: 'log_count', condition, group_by: ['host'] });
  for (let host = 0; host < MAX_GROUPS + 7; host++) await desk.logs(1, { host: `h${host}` });
  await desk.tick();
  assert.equal((await open(desk)).length, MAX_GROUPS);
  assert.deepEqual(desk.stats().groups_cut, { [id]: 7 });
});

test('heartbeats by host, and by age', async (t) => {
  const desk = await openAlerting(t);
  await desk.rule({ type: 'heartbeat', group_by: ['host'], condition: { older_than: '60s' } });
  for (const host of ['h1', 'h2']) await desk.heartbeat({ host });
  desk.clock.advance(MINUTE_MS);
  await desk.heartbeat({ host: 'h1' });
  await desk.after(1000);
  assert.deepEqual(await open(desk), ['pay/h2']);
});

test('heartbeats that learn: every service by its own rhythm, also after a restart', async (t) => {
  const desk = await openAlerting(t);
  const id = await desk.rule({ type: 'heartbeat', condition: { learn: true } });
  await desk.heartbeat({ service: 'new' });
  await desk.tick();
  assert.match((await reasons(desk, id))[0] ?? '', /no_data: .*how often it comes is not known yet/);
  for (let minute = 0; minute < 60; minute++) {
    desk.clock.advance(MINUTE_MS);
    await desk.heartbeat({ service: 'often' });
    if (minute % 10 === 0) await desk.heartbeat({ service: 'seldom' });
    await desk.tick();
  }
  // Ten pauses are needed: of an hour at ten minutes each there are not enough yet.
  for (let minute = 60; minute < 180; minute++) {
    desk.clock.advance(MINUTE_MS);
    await desk.heartbeat({ service: 'often' });
    if (minute % 10 === 0) await desk.heartbeat({ service: 'seldom' });
  }
  await desk.tick();
  assert.deepEqual(await open(desk), []);
  await desk.close();

  const again = await openAlerting(t, { clock: desk.clock, store: desk.store });
  await again.after(4 * MINUTE_MS);
  assert.deepEqual(await open(again), ['often']);
  await again.after(30 * MINUTE_MS);
  assert.deepEqual(await open(again), ['often', 'seldom']);
  assert.match(
    (await reasons(again, id)).find((reason) => reason.startsWith('paged')) ?? '',
    /learnt from \d+ heartbeats: one comes every \d+m, and \d+m without one is silence/,
  );
});

test('an absence that learns: a saved query without numbers', async (t) => {
  const desk = await openAlerting(t);
  const id = await desk.rule({ type: 'absence', name: 'job', condition: { q: '"job done"', learn: true } });
  for (let hour = 0; hour < 20; hour++) {
    await desk.logs(1, { level: 'info', message: 'job done' });
    await desk.after(HOUR_MS);
  }
  assert.deepEqual(await open(desk), []);
  await desk.after(HOUR_MS);
  assert.deepEqual(await open(desk), []);
  await desk.after(HOUR_MS);
  assert.deepEqual(await open(desk), ['*']);
  assert.match((await reasons(desk, id))[0] ?? '', /one comes every 1h, and 3h without one is silence/);
});

test('why a page came, and why none did, can be read of the rule and of the incident', async (t) => {
  const desk = await openAlerting(t);
  const id = await desk.rule({ service: 'pay', threshold: 2, windowMinutes: 1, cooldownMinutes: 0 });
  await desk.tick();
  await desk.logs(2);
  await desk.tick();
  await desk.after(30_000);
  const [incident] = await desk.incidents();
  await desk.call('POST', `/api/alerts/incidents/${incident?.id}/resolve`);
  await desk.after(10_000);
  const want = [
    'quiet_period: 2 matching logs in 1m; the limit is 2. It was resolved, and stays so until 2026-01-15T12:15:30.000Z, when 15m of quiet have passed.',
    'updated: 2 matching logs in 1m; the limit is 2. The incident is open since 2026-01-15T12:00:00.000Z: nobody is told again.',
    'paged: 2 matching logs in 1m; the limit is 2. It opened; the rule names nobody who is to be told.',
    'not_breached: 0 matching logs in 1m; the limit is 2.',
  ];
  assert.deepEqual(await reasons(desk, id), want);
  const { body } = await desk.call<{ data: readonly Decision[]; total: number }>(
    'GET',
    `/api/alerts/incidents/${incident?.id}/decisions?limit=2`,
  );
  assert.deepEqual([body.total, body.data.length, body.data[0]?.outcome], [4, 2, 'quiet_period']);
  assert.deepEqual([body.data[1]?.value, body.data[1]?.threshold, body.data[1]?.delivery_ids], [2, 2, []]);
  assert.equal((await desk.call('GET', '/api/alerts/none/decisions')).status, 404);
});
