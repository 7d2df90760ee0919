import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredDelivery } from '../../schemas/delivery.ts';
import { Outbox } from '../../src/alert/notify/outbox.ts';
import type { Send } from '../../src/alert/notify/sender.ts';
import { GATHER_MS, MAX_ALONE_PER_MINUTE, SUMMARY_EVERY_MS } from '../../src/alert/notify/storms.ts';
import type { Documents, Store } from '../../src/store/store.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { eventually } from '../fixtures/wait.ts';
import { openAlerting, openTarget } from './alerting.ts';
import { aDelivery } from './delivery.ts';

const MINUTE_MS = 60_000;

/** A store as a process sees it that is killed at its n-th write of a document: that one still happens, or does not. */
function killedAt(store: Store, n: number, last: 'lost' | 'written') {
  let writes = 0;
  let armed = false;
  async function write<T>(action: () => Promise<T>): Promise<T> {
    if (armed) writes += 1;
    if (writes < n) return action();
    if (writes === n && last === 'written') await action();
    throw new Error('the process was killed');
  }
  const doomed = (documents: Documents): Documents => ({
    ...documents,
    insert: (collection, document) => write(() => documents.insert(collection, document)),
    update: (collection, document, version) => write(() => documents.update(collection, document, version)),
    delete: (collection, id) => write(() => documents.delete(collection, id)),
    fenced: (fence) => doomed(documents.fenced(fence)),
  });
  return {
    store: { ...store, documents: doomed(store.documents) },
    arm() {
      armed = true;
    },
    killed: () => writes >= n,
  };
}

for (const last of ['lost', 'written'] as const) {
  test(`killed at any write (which is ${last}), it loses no notification and repeats one only under its id`, async (t) => {
    let killed = true;
    let kills = 0;
    for (let n = 1; killed; n++) {
      const clock = fakeClock();
      const store = memoryStore({ clock });
      const doomed = killedAt(store, n, last);
      const target = await openTarget(t);
      const first = await openAlerting(t, { clock, store: doomed.store });
      await first.rule({ service: 'pay', threshold: 1, windowMinutes: 1, cooldownMinutes: 0, webhook: target.url });
      await first.logs(1);
      doomed.arm();
      // From breach to end, as far as it comes.
      await first.tick();
      await first.after(MINUTE_MS);
      await first.after(MINUTE_MS);
      const delivered = async () =>
        (await store.documents.list('deliveries', { where: { status: 'delivered' } })).total;
      await eventually(async () => doomed.killed() || (await delivered()) === 2, 'the kill, or an undisturbed end');
      killed = doomed.killed();
      if (killed) kills += 1;
      await first.close();

      const second = await openAlerting(t, { clock, store });
      // The breach is over for those who slept through it: what is known of it is brought to its end.
      await second.after(MINUTE_MS);
      await second.after(MINUTE_MS);
      const { items: incidents } = await store.documents.list('incidents');
      await eventually(async () => {
        const { items } = await store.documents.list('deliveries');
        return items.every(({ document }) => document.status === 'delivered');
      }, `everything delivered after a kill at write ${n}`);
      await second.close();

      const [incident, ...more] = incidents.map(({ document }) => document);
      assert.deepEqual(more, []);
      if (incident === undefined) {
        assert.equal(last === 'lost' && n === 1, true, 'only the very first write can lose the breach itself');
        continue;
      }
      assert.deepEqual([incident.status, incident.sequence, incident.announcing], ['resolved', 2, false]);
      const idsOf = (type: string) =>
        new Set(
          target.received.filter(({ payload }) => payload.type === type).map(({ headers }) => headers['webhook-id']),
        );
      assert.equal(idsOf('error_alert').size, 1, `one opening, killed at ${n}`);
      assert.equal(idsOf('alert_resolved').size, 1, `one end, killed at ${n}`);
      assert.equal(target.types()[0], 'error_alert');
      assert.equal(target.types().at(-1), 'alert_resolved');
    }
    // Incident, rule, delivery, its result, the handing over: twice, and the clearing in between.
    assert.ok(kills >= 9, `${kills} places to be killed at`);
  });
}

for (const last of ['lost', 'written'] as const) {
  test(`killed at any write of a storm (which is ${last}), each page is told, alone or in one summary`, async (t) => {
    let killed = true;
    let kills = 0;
    for (let n = 1; killed; n++) {
      const clock = fakeClock();
      const store = memoryStore({ clock });
      const doomed = killedAt(store, n, last);
      const sent: StoredDelivery[] = [];
      const open = async (documents: Documents) => {
        const send: Send = async (delivery) => {
          sent.push(delivery);
          return { ok: true, status: 200 };
        };
        const outbox = new Outbox({ documents, clock, log: { warn: () => {} }, send });
        t.after(() => outbox.stop());
        await outbox.catchUp();
        return outbox;
      };
      const settled = async () => (await store.documents.list('deliveries', { where: { status: 'delivered' } })).total;
      const page = (index: number) => aDelivery({ id: `d${index}`, incident_id: `i${index}` });

      const first = await open(doomed.store.documents);
      for (let index = 0; index < MAX_ALONE_PER_MINUTE; index++) await first.enqueue(page(index));
      await eventually(async () => (await settled()) === MAX_ALONE_PER_MINUTE, 'the calm before');
      doomed.arm();
      for (let index = 0; index < 3; index++) {
        await first.enqueue(page(MAX_ALONE_PER_MINUTE + index)).catch(() => {});
      }
      clock.advance(GATHER_MS);
      const all = MAX_ALONE_PER_MINUTE + 4;
      await eventually(async () => doomed.killed() || (await settled()) === all, 'the kill, or an undisturbed end');
      killed = doomed.killed();
      if (killed) kills += 1;
      await first.stop();

      const second = await open(store.documents);
      // The engine hands over again what it does not know to be in the outbox.
      for (let index = 0; index < 3; index++) await second.enqueue(page(MAX_ALONE_PER_MINUTE + index));
      const isDone = async () => {
        clock.advance(SUMMARY_EVERY_MS);
        const { items } = await store.documents.list('deliveries');
        return items.length > MAX_ALONE_PER_MINUTE && items.every(({ document }) => document.status === 'delivered');
      };
      await eventually(isDone, `everything delivered after a kill at write ${n}`);
      const summaries = new Set<string>();
      const told = sent.flatMap(({ id, payload }) => {
        if (payload.type !== 'alert_storm') return id;
        if (summaries.has(id)) return [];
        summaries.add(id);
        return payload.notifications.map((notification) => notification.id);
      });
      for (let index = 0; index < 3; index++) {
        const id = `d${MAX_ALONE_PER_MINUTE + index}`;
        assert.equal(new Set(told).has(id), true, `${id}, killed at ${n}`);
        assert.equal(told.filter((one) => one === id).length, 1, `${id} told once, killed at ${n}`);
      }
    }
    // Three deliveries, their summary, its result, and theirs.
    assert.ok(kills >= 8, `${kills} places to be killed at`);
  });
}
