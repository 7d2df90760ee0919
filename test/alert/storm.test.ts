import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../schemas/decision.ts';
import type { Delivery, StormPayload } from '../../schemas/delivery.ts';
import {
  GATHER_MS,
  MAX_ALONE_PER_MINUTE,
  MAX_SUMMARISED,
  Storms,
  SUMMARY_EVERY_MS,
} from '../../src/alert/notify/storms.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { eventually } from '../fixtures/wait.ts';
import { type Alerting, type AlertingOptions, openAlerting, openTarget } from './alerting.ts';
import { aDelivery, NOON } from './delivery.ts';

const MINUTE_MS = 60_000;
const SERVICES = 50;

interface DecisionList {
  readonly data: readonly Decision[];
}

async function deliveries(desk: Alerting, query = ''): Promise<{ data: readonly Delivery[]; total: number }> {
  const { body } = await desk.call<{ data: readonly Delivery[]; total: number }>(
    'GET',
    `/api/alerts/deliveries${query}${query === '' ? '?' : '&'}limit=500`,
  );
  return body;
}

/** Fifty services with a rule and a channel for all of them. */
async function openStorm(t: Parameters<typeof openAlerting>[0], channel: object, options: AlertingOptions = {}) {
  const desk = await openAlerting(t, options);
  await desk.call('POST', '/api/alerts/channels', channel);
  for (let index = 0; index < SERVICES; index++) {
    await desk.rule({
      service: `s${index}`,
      threshold: 1,
      windowMinutes: 1,
      cooldownMinutes: 0,
      name: `rule ${index}`,
    });
  }
  return {
    desk,
    async allFail() {
      for (let index = 0; index < SERVICES; index++) await desk.logs(1, { service: `s${index}` });
      await desk.tick();
    },
  };
}

const isStorm = (body: string) => JSON.parse(body).type === 'alert_storm';

test('in a storm the first go out at once, the others in a summary that names them all', async (t) => {
  const target = await openTarget(t);
  const { desk, allFail } = await openStorm(t, { type: 'webhook', target: target.url });
  await allFail();
  await target.until(MAX_ALONE_PER_MINUTE);
  desk.clock.advance(GATHER_MS - 1);
  assert.equal(target.received.length, MAX_ALONE_PER_MINUTE);
  desk.clock.advance(1);
  await target.until(MAX_ALONE_PER_MINUTE + 1);
  const [body] = target.received.flatMap((one) => (isStorm(one.body) ? one.body : []));
  const summary: StormPayload = JSON.parse(body ?? '');
  const rest = SERVICES - MAX_ALONE_PER_MINUTE;
  assert.deepEqual([summary.total, summary.opened, summary.resolved], [rest, rest, 0]);
  assert.deepEqual([summary.services.length, summary.severity], [rest, 'warning']);
  assert.equal(summary.link, 'https://ops.example.com/incidents?status=open');

  // Each page is in the list, and says by which delivery it was told.
  await eventually(async () => (await deliveries(desk, '?status=delivered')).total === SERVICES + 1, 'all delivered');
  const { data } = await deliveries(desk);
  const [storm] = data.filter(({ kind }) => kind === 'alert_storm');
  assert.deepEqual([storm?.incident_id, storm?.attempts, storm?.last_status], [null, 1, 204]);
  const grouped = data.filter(({ summary_id }) => summary_id === storm?.id);
  assert.deepEqual(grouped.map(({ id }) => id).sort(), summary.notifications.map(({ id }) => id).sort());
  assert.deepEqual(new Set(grouped.map(({ last_status }) => last_status)), new Set([204]));
  assert.equal((await deliveries(desk, `?summary_id=${storm?.id}`)).total, rest);
  // And its decision says why it was not told at once.
  const outcomes = new Map<string, number>();
  for (const { id } of await desk.incidents('?limit=100')) {
    const { body: decisions } = await desk.call<DecisionList>('GET', `/api/alerts/incidents/${id}/decisions`);
    const [decision] = decisions.data;
    const outcome = decision?.outcome ?? 'none';
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    assert.equal(decision?.delivery_ids.length, 1);
    if (outcome === 'storm') assert.match(decision?.reason ?? '', /told together with others/);
  }
  assert.deepEqual(Object.fromEntries(outcomes), { paged: MAX_ALONE_PER_MINUTE, storm: rest });
  const told = new Set(target.received.map(({ body: one, payload }) => (isStorm(one) ? '' : payload.service)));
  for (const { service } of summary.notifications) told.add(service);
  assert.equal(told.size, SERVICES + 1);
});

test('ends in a storm are summarised too, not sooner than the summary before allows; then it is calm again', async (t) => {
  const target = await openTarget(t);
  const { desk, allFail } = await openStorm(t, { type: 'webhook', target: target.url });
  await allFail();
  desk.clock.advance(GATHER_MS);
  await target.until(MAX_ALONE_PER_MINUTE + 1);
  await eventually(async () => (await deliveries(desk, '?status=delivered')).total === SERVICES + 1, 'all delivered');
  for (const { id } of await desk.incidents('?limit=100'))
    await desk.call('POST', `/api/alerts/incidents/${id}/resolve`);
  desk.clock.advance(SUMMARY_EVERY_MS - 1);
  assert.equal(target.received.length, MAX_ALONE_PER_MINUTE + 1);
  desk.clock.advance(1);
  await target.until(MAX_ALONE_PER_MINUTE + 2);
  const ends: StormPayload = JSON.parse(target.received.at(-1)?.body ?? '');
  assert.deepEqual([ends.total, ends.opened, ends.resolved], [SERVICES, 0, SERVICES]);
  await eventually(async () => (await deliveries(desk, '?status=delivered')).total === 2 * SERVICES + 2, 'all told');

  desk.clock.advance(20 * MINUTE_MS);
  await desk.logs(1, { service: 's0' });
  await desk.tick();
  await target.until(MAX_ALONE_PER_MINUTE + 3);
  assert.equal(target.received.at(-1)?.payload.type, 'error_alert_reopened');
});

test('a storm of one channel is none of another; PagerDuty hears of every end', async (t) => {
  const pager = await openTarget(t, () => ({ status: 202 }));
  const { desk, allFail } = await openStorm(t, { type: 'pagerduty', routing_key: 'R1', target: pager.url });
  await allFail();
  desk.clock.advance(GATHER_MS);
  await pager.until(MAX_ALONE_PER_MINUTE + 1);
  await eventually(async () => (await deliveries(desk, '?status=delivered')).total === SERVICES + 1, 'all delivered');
  for (const { id } of await desk.incidents('?limit=100'))
    await desk.call('POST', `/api/alerts/incidents/${id}/resolve`);
  await pager.until(MAX_ALONE_PER_MINUTE + 1 + SERVICES);
  const resolved = pager.received.filter(({ body }) => JSON.parse(body).event_action === 'resolve');
  assert.equal(new Set(resolved.map(({ body }) => JSON.parse(body).dedup_key)).size, SERVICES);
});

test('after a restart in the middle of a storm its summary is told once, with all that waited for it', async (t) => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const target = await openTarget(t);
  const { desk, allFail } = await openStorm(t, { type: 'webhook', target: target.url }, { clock, store });
  await allFail();
  await target.until(MAX_ALONE_PER_MINUTE);
  await eventually(
    async () => (await deliveries(desk, '?status=delivered')).total === MAX_ALONE_PER_MINUTE,
    'the first',
  );
  await desk.close();
  const after = await openAlerting(t, { clock, store });
  // It knows that there is a storm: one more joins it.
  await after.rule({ service: 'late', threshold: 1, windowMinutes: 1, cooldownMinutes: 0 });
  await after.logs(1, { service: 'late' });
  await after.tick();
  clock.advance(GATHER_MS);
  await target.until(MAX_ALONE_PER_MINUTE + 2);
  await eventually(async () => (await deliveries(after, '?status=delivered')).total === SERVICES + 3, 'all told');
  const totals = target.received.flatMap(({ body }) => (isStorm(body) ? (JSON.parse(body) as StormPayload).total : []));
  assert.deepEqual(totals, [SERVICES - MAX_ALONE_PER_MINUTE, 1]);
});

test('a target that does not answer gets one summary when it does, not one for every half minute', async (t) => {
  let down = true;
  const target = await openTarget(t, () => ({ status: down ? 500 : 200 }));
  const { desk, allFail } = await openStorm(t, { type: 'webhook', target: target.url });
  await allFail();
  for (let minute = 0; minute < 30; minute++) {
    const before = target.received.length;
    await desk.rule({ service: `x${minute}`, threshold: 1, windowMinutes: 1, cooldownMinutes: 0 });
    await desk.logs(1, { service: `x${minute}` });
    await desk.after(MINUTE_MS);
    if (before > 0) await eventually(async () => (await deliveries(desk, '?status=pending')).total > 0, 'what waits');
  }
  down = false;
  for (let step = 0; step < 40; step++) {
    desk.clock.advance(MINUTE_MS);
    await eventually(async () => {
      const { data } = await deliveries(desk, '?status=failed');
      return data.every(({ next_attempt_at: at }) => Date.parse(at ?? '') > desk.clock.now());
    }, 'what is due tried');
  }
  await eventually(async () => (await deliveries(desk, '?status=pending')).total === 0, 'nothing left');
  const { total } = await deliveries(desk, '?kind=alert_storm');
  assert.ok(total <= 3, `${total} summaries`);
});

test('what is told alone and what together', () => {
  const storms = new Storms();
  const admit = (index: number, now: number, own = {}) =>
    storms.admit(aDelivery({ id: `d${index}`, target: 't', ...own }), now).summary_id;
  const one = (count: number, now: number) => Array.from({ length: count }, (_, index) => admit(index, now));
  assert.deepEqual(new Set(one(MAX_ALONE_PER_MINUTE, NOON)), new Set([null]));
  const first = admit(100, NOON);
  assert.ok(first !== null);
  assert.equal(admit(101, NOON + 1000), first);
  assert.equal(admit(102, NOON, { target: 'other' }), null);
  // While a summary is being gathered, everything joins it, however calm it has become; after that it is told alone again.
  assert.equal(admit(103, NOON + 2 * MINUTE_MS), first);
  storms.close({ id: first, target: 't', closesAt: 0 }, NOON + 2 * MINUTE_MS);
  assert.equal(admit(104, NOON + 2 * MINUTE_MS), null);
  // A full summary makes way for the next.
  one(MAX_ALONE_PER_MINUTE - 1, NOON + 2 * MINUTE_MS);
  const summaries = new Set(
    Array.from({ length: MAX_SUMMARISED + 1 }, (_, index) => admit(1000 + index, NOON + 2 * MINUTE_MS)),
  );
  assert.equal(summaries.size, 2);
  // A clock that went back does not make a storm last longer.
  storms.clear();
  one(MAX_ALONE_PER_MINUTE, NOON);
  assert.equal(admit(5000, NOON - 3_600_000), null);
});
