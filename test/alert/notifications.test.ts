import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery } from '../../schemas/delivery.ts';
import { eventually } from '../fixtures/wait.ts';
import { type Alerting, type Answer, openAlerting, openTarget } from './alerting.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const ERRORS = { service: 'pay', threshold: 1, windowMinutes: 1, cooldownMinutes: 0, name: 'payments fail' };

interface Envelope {
  readonly data: readonly Delivery[];
  readonly total: number;
}

async function deliveries(desk: Alerting, query = ''): Promise<readonly Delivery[]> {
  const { status, body } = await desk.call<Envelope>('GET', `/api/alerts/deliveries${query}`);
  assert.equal(status, 200);
  return body.data;
}

/** Waits until every delivery has been tried and written down. */
async function settled(desk: Alerting, status: Delivery['status'], count: number): Promise<readonly Delivery[]> {
  await eventually(async () => (await deliveries(desk, `?status=${status}`)).length >= count, `${count} ${status}`);
  return deliveries(desk, `?status=${status}`);
}

test('opening, reopening and the end of an incident are posted to the rule’s URL', async (t) => {
  const desk = await openAlerting(t);
  const target = await openTarget(t);
  const ruleId = await desk.rule({ ...ERRORS, webhook: target.url, channels: ['webhook'] });
  for (let index = 0; index < 7; index++) await desk.logs(1, { message: `card ${index} refused` });
  await desk.logs(1, { level: 'info', message: 'not this one' });
  await desk.tick();
  await target.until(1);
  const [incident] = await desk.incidents();
  const { samples, chart, ...payload } = target.received[0]?.payload ?? assert.fail('nothing arrived');
  assert.deepEqual(payload, {
    type: 'error_alert',
    incidentId: incident?.id,
    service: 'pay',
    group: null,
    status: 'open',
    errorCount: 7,
    windowMinutes: 1,
    triggeredAt: '2026-01-15T12:00:00.000Z',
    lastSeenErrorAt: '2026-01-15T12:00:00.000Z',
    resolvedAt: null,
    rule: { id: ruleId, name: 'payments fail', type: 'log_count', severity: 'warning' },
    value: 7,
    threshold: 1,
    window: '1m',
    by: 'lightwatch',
    link: `https://ops.example.com/incidents/${incident?.id}`,
  });
  assert.equal(chart.length, 24);
  assert.deepEqual(chart.at(-1), { time: '2026-01-15T12:00:00.000Z', value: 7 });
  assert.deepEqual(
    samples.map(({ message, level, service }) => `${service} ${level} ${message}`),
    [6, 5, 4, 3, 2].map((index) => `pay error card ${index} refused`),
  );

  await desk.logs(1);
  await desk.after(SECOND_MS);
  await desk.after(MINUTE_MS);
  await desk.after(MINUTE_MS);
  await target.until(2);
  assert.equal((await desk.incidents())[0]?.status, 'resolved');
  desk.clock.advance(20 * MINUTE_MS);
  await desk.logs(1);
  await desk.tick();
  await target.until(3);
  await desk.call('POST', `/api/alerts/incidents/${incident?.id}/resolve`);
  await target.until(4);
  assert.deepEqual(target.types(), ['error_alert', 'alert_resolved', 'error_alert_reopened', 'alert_resolved']);
  assert.deepEqual(
    target.received.map(({ payload: { by } }) => by),
    ['lightwatch', 'lightwatch', 'lightwatch', 'anonymous'],
  );

  const listed = await settled(desk, 'delivered', 4);
  const ids = target.received.map(({ headers }) => headers['webhook-id']);
  assert.equal(new Set(ids).size, 4);
  assert.deepEqual(
    listed.map(({ id }) => id),
    ids.toReversed(),
  );
  assert.deepEqual(listed.at(-1), {
    id: ids[0],
    incident_id: incident?.id,
    channel_id: null,
    channel_type: 'webhook',
    kind: 'error_alert',
    status: 'delivered',
    attempts: 1,
    last_status: 204,
    last_error: null,
    next_attempt_at: null,
    summary_id: null,
    created_at: '2026-01-15T12:00:00.000Z',
  });
  assert.equal((await deliveries(desk, `?incident_id=${incident?.id}&status=delivered`)).length, 4);
  assert.equal((await deliveries(desk, '?incident_id=other')).length, 0);
  assert.equal((await desk.call('GET', '/api/alerts/deliveries?status=lost')).status, 400);
});

test('a failed delivery is tried again under the same id, later each time', async (t) => {
  const answers: Answer[] = [{ status: 500 }, { status: 503, headers: { 'retry-after': '90' } }, { status: 200 }];
  const desk = await openAlerting(t);
  const target = await openTarget(t, (index) => answers[index] ?? assert.fail('one request too many'));
  await desk.rule({ ...ERRORS, webhook: target.url });
  await desk.logs(1);
  await desk.tick();
  const [first] = await settled(desk, 'failed', 1);
  assert.deepEqual([first?.attempts, first?.last_status, first?.last_error], [1, 500, 'answered 500']);

  desk.clock.advance(SECOND_MS);
  await target.until(2);
  await eventually(async () => (await deliveries(desk))[0]?.attempts === 2, 'the second try written down');
  const [second] = await deliveries(desk);
  assert.equal(second?.next_attempt_at, '2026-01-15T12:01:31.000Z');
  desk.clock.advance(89 * SECOND_MS);
  assert.equal(target.received.length, 2);
  desk.clock.advance(SECOND_MS);
  await settled(desk, 'delivered', 1);
  assert.deepEqual(new Set(target.received.map(({ headers }) => headers['webhook-id'])).size, 1);
});

test('a slow or dead target delays no other', async (t) => {
  const desk = await openAlerting(t);
  const slow = await openTarget(t, () => ({ status: 200, silent: true }));
  const quick = await openTarget(t);
  for (let index = 0; index < 10; index++) await desk.rule({ ...ERRORS, webhook: slow.url });
  for (let index = 0; index < 10; index++) await desk.rule({ ...ERRORS, webhook: quick.url });
  await desk.logs(1);
  await desk.tick();
  await quick.until(10);
  assert.equal((await settled(desk, 'delivered', 10)).length, 10);
  // And it is not flooded while it is slow.
  assert.equal(slow.received.length, 2);
});

test('a target hears of the end only after it heard of the beginning', async (t) => {
  const desk = await openAlerting(t);
  const target = await openTarget(t, (index) => ({ status: index === 0 ? 500 : 200 }));
  await desk.rule({ ...ERRORS, webhook: target.url });
  await desk.logs(1);
  await desk.tick();
  await settled(desk, 'failed', 1);
  const [incident] = await desk.incidents();
  await desk.call('POST', `/api/alerts/incidents/${incident?.id}/resolve`);
  desk.clock.advance(SECOND_MS);
  await settled(desk, 'delivered', 2);
  assert.deepEqual(target.types(), ['error_alert', 'error_alert', 'alert_resolved']);
});

test('after a restart what was not delivered goes on, when it is due', async (t) => {
  const before = await openAlerting(t);
  const target = await openTarget(t, (index) => ({ status: index === 0 ? 500 : 200 }));
  await before.rule({ ...ERRORS, webhook: target.url });
  await before.logs(1);
  await before.tick();
  await settled(before, 'failed', 1);
  await before.close();
  const after = await openAlerting(t, { clock: before.clock, store: before.store });
  assert.equal(target.received.length, 1);
  after.clock.advance(SECOND_MS);
  await settled(after, 'delivered', 1);
  assert.equal(target.received.length, 2);
});

test('the end is told to whoever heard of the beginning, also when the rule has changed or is gone', async (t) => {
  const desk = await openAlerting(t);
  const old = await openTarget(t);
  const ruleId = await desk.rule({ ...ERRORS, webhook: old.url });
  await desk.logs(1);
  await desk.tick();
  await desk.call('PATCH', `/api/alerts/${ruleId}`, { webhook: null });
  await desk.call('DELETE', `/api/alerts/${ruleId}`);
  await desk.after(SECOND_MS);
  await old.until(2);
  assert.deepEqual(old.types(), ['error_alert', 'alert_resolved']);
});

test('what cannot be reached is given up after a day and shown', async (t) => {
  const desk = await openAlerting(t);
  const target = await openTarget(t, () => ({ status: 500 }));
  await desk.rule({ ...ERRORS, webhook: target.url });
  await desk.logs(1);
  await desk.tick();
  let tries = 0;
  // A step longer than the longest wait: each is one try.
  while ((await deliveries(desk, '?status=given_up')).length === 0) {
    tries += 1;
    await eventually(async () => (await deliveries(desk))[0]?.attempts === tries, `try ${tries}`);
    desk.clock.advance(20 * MINUTE_MS);
  }
  const [given] = await deliveries(desk);
  assert.deepEqual([given?.status, given?.last_error, given?.next_attempt_at], ['given_up', 'answered 500', null]);
  assert.ok(tries > 70 && tries < 75, String(tries));
  assert.equal(desk.stats().ticks, 2);
});

test('what was given up can be tried again for another day, and nothing else can', async (t) => {
  const answers = [410, 500, 200];
  const desk = await openAlerting(t);
  const target = await openTarget(t, (index) => ({ status: answers[index] ?? 200 }));
  await desk.rule({ ...ERRORS, webhook: target.url });
  await desk.logs(1);
  await desk.tick();
  const [given] = await settled(desk, 'given_up', 1);
  const url = `/api/alerts/deliveries/${given?.id}`;
  desk.clock.advance(3 * 24 * 60 * MINUTE_MS);
  const again = await desk.call<Delivery>('POST', `${url}/retry`);
  assert.deepEqual([again.status, again.body.status, again.body.attempts], [200, 'pending', 1]);
  // It has its day: the failure that follows is not the end.
  await settled(desk, 'failed', 1);
  assert.equal((await desk.call('POST', `${url}/retry`)).status, 409);
  desk.clock.advance(MINUTE_MS);
  await settled(desk, 'delivered', 1);
  const { body } = await desk.call<Delivery>('GET', url);
  assert.deepEqual([body.status, body.attempts, body.last_status], ['delivered', 3, 200]);
  assert.equal(new Set(target.received.map(({ headers }) => headers['webhook-id'])).size, 1);
  assert.equal((await desk.call('POST', `${url}/retry`)).status, 409);
  for (const [method, path] of [
    ['GET', ''],
    ['POST', '/retry'],
  ] as const) {
    assert.equal((await desk.call(method, `/api/alerts/deliveries/nothing${path}`)).status, 404);
  }
});
