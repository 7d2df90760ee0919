import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Leadership } from '../../src/core/leadership.ts';
import type { Store } from '../../src/store/store.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { eventually } from '../fixtures/wait.ts';
import { openAlerting, openTarget } from './alerting.ts';

const MINUTE_MS = 60_000;

/** A lead that is given and taken by hand. */
function handMade(fence: number) {
  const listeners: ((leader: boolean) => void)[] = [];
  const lead = { leader: false, fence };
  const leadership: Leadership = {
    get leader() {
      return lead.leader;
    },
    get fence() {
      return lead.fence;
    },
    onChange: (listener) => void listeners.push(listener),
  };
  return {
    leadership,
    /** Without `tell` as it is for one who slept and does not know yet. */
    set(leader: boolean, { tell = true, number = lead.fence } = {}) {
      Object.assign(lead, { leader, fence: number });
      if (tell) for (const listener of listeners) listener(leader);
    },
  };
}

/** Waits until what was sent is known to have arrived: a leader that ends before sends it once more, under its id. */
async function settled(store: Store, count: number): Promise<void> {
  const { documents } = store;
  await eventually(async () => {
    const { items } = await documents.list('deliveries');
    return items.length === count && items.every(({ document }) => document.status === 'delivered');
  }, `${count} deliveries`);
}

const rule = (url: string) => ({
  service: 'pay',
  threshold: 1,
  windowMinutes: 1,
  cooldownMinutes: 0,
  webhook: url,
});

test('one replica evaluates and sends, the other takes over where it stopped', async (t) => {
  const clock = fakeClock();
  const store = { ...memoryStore({ clock }), isShared: true };
  const target = await openTarget(t);
  const [one, other] = [handMade(1), handMade(2)];
  one.set(true);
  const a = await openAlerting(t, { clock, store, leadership: one.leadership });
  const b = await openAlerting(t, { clock, store, leadership: other.leadership });
  await a.rule(rule(target.url));
  await a.logs(1);
  await b.tick();
  await a.tick();
  await settled(store, 1);
  assert.deepEqual([a.stats().leader, b.stats().leader, a.stats().fence], [true, false, 1]);

  one.set(false);
  other.set(true);
  await eventually(() => b.stats().ticks === 1, 'a tick at once');
  await a.after(3 * MINUTE_MS);
  await b.tick();
  await b.after(MINUTE_MS);
  await settled(store, 2);
  assert.deepEqual(target.types(), ['error_alert', 'alert_resolved']);
});

test('what is resolved by hand at a replica that does not lead is sent by the one that does', async (t) => {
  const clock = fakeClock();
  const store = { ...memoryStore({ clock }), isShared: true };
  const target = await openTarget(t);
  const one = handMade(1);
  one.set(true);
  const a = await openAlerting(t, { clock, store, leadership: one.leadership });
  const b = await openAlerting(t, { clock, store, leadership: handMade(0).leadership });
  await a.rule(rule(target.url));
  await a.logs(1);
  await a.tick();
  await settled(store, 1);
  const [incident] = await b.incidents();
  assert.equal((await b.call('POST', `/api/alerts/incidents/${incident?.id}/resolve`, {})).status, 200);
  await a.tick();
  await settled(store, 2);
  assert.deepEqual(target.types(), ['error_alert', 'alert_resolved']);
});

test('who slept and does not know it yet writes nothing that its successor has touched', async (t) => {
  const clock = fakeClock();
  const store = { ...memoryStore({ clock }), isShared: true };
  const target = await openTarget(t);
  const [sleeper, successor] = [handMade(1), handMade(2)];
  sleeper.set(true);
  const a = await openAlerting(t, { clock, store, leadership: sleeper.leadership });
  const b = await openAlerting(t, { clock, store, leadership: successor.leadership });
  await a.rule(rule(target.url));
  await a.logs(1);
  await a.tick();
  await settled(store, 1);
  successor.set(true);
  await eventually(() => b.stats().ticks === 1, 'the takeover');
  const before = await store.documents.list('incidents');
  clock.advance(3 * MINUTE_MS);
  // It still believes that it leads: the store knows better.
  await a.tick();
  assert.deepEqual(await store.documents.list('incidents'), before);
  // Once it knows, it asks the store no more.
  sleeper.set(false, { tell: false });
  await a.tick();
  assert.deepEqual(await store.documents.list('incidents'), before);
  await b.tick();
  await b.after(MINUTE_MS);
  await settled(store, 2);
  assert.deepEqual(target.types(), ['error_alert', 'alert_resolved']);
});
