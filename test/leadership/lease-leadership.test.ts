import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeaseLeadership, type Lock } from '../../src/leadership/lease-leadership.ts';
import { StoreLease } from '../../src/leadership/store-lease.ts';
import type { Documents } from '../../src/store/store.ts';
import { type FakeClock, fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';

const LEASE_MS = 9000;
const silent = { info() {}, warn() {} };

/** Lets everything that needs no clock come to its end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

function replica(holder: string, documents: Documents, clock: FakeClock, lock?: Lock) {
  const lease = new StoreLease({ documents, clock, name: 'alert', holder, leaseMs: LEASE_MS });
  const leadership = new LeaseLeadership({ lease, lock, leaseMs: LEASE_MS, clock, log: silent });
  const changes: boolean[] = [];
  leadership.onChange((leader) => changes.push(leader));
  return { leadership, changes, clock };
}

/** Moves clocks on in small steps, each replica doing what falls due. */
async function pass(ms: number, ...clocks: FakeClock[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    for (const clock of clocks) clock.advance(500);
    await settle();
  }
}

test('the first to come leads, and goes on leading', async () => {
  const { documents } = memoryStore();
  const [a, b] = [replica('a', documents, fakeClock()), replica('b', documents, fakeClock())];
  a.leadership.start();
  await settle();
  b.leadership.start();
  await pass(10 * LEASE_MS, a.clock, b.clock);
  assert.deepEqual([a.leadership.leader, b.leadership.leader], [true, false]);
  assert.deepEqual([a.changes, b.changes, a.leadership.fence], [[true], [], 1]);
});

test('a leader that sleeps is followed within two leases, and knows it when it wakes', async () => {
  const { documents } = memoryStore();
  // Clocks that say quite different times.
  const [a, b] = [replica('a', documents, fakeClock(5)), replica('b', documents, fakeClock())];
  let [leading, waiting] = [a, b];
  a.leadership.start();
  await settle();
  b.leadership.start();
  await pass(LEASE_MS, a.clock, b.clock);
  for (let turn = 0; turn < 20; turn++) {
    const { fence } = leading.leadership;
    await pass(2 * LEASE_MS, waiting.clock);
    assert.ok(waiting.leadership.leader, 'the other has taken over');
    assert.ok(waiting.leadership.fence > fence);
    await pass(LEASE_MS, waiting.clock);
    // The sleeper's clock goes on at once, before anything else runs.
    const asleep = leading;
    asleep.clock.advance(0);
    let leadAtWaking: boolean | undefined;
    asleep.clock.after(3 * LEASE_MS - 1, () => {
      leadAtWaking = asleep.leadership.leader;
    });
    asleep.clock.advance(3 * LEASE_MS);
    assert.equal(leadAtWaking, false);
    await settle();
    assert.equal(asleep.leadership.leader, false);
    await pass(2 * LEASE_MS, a.clock, b.clock);
    assert.ok(waiting.leadership.leader && !asleep.leadership.leader, 'and stays the leader');
    [leading, waiting] = [waiting, leading];
  }
});

test('who steps down is followed without waiting for the lease', async () => {
  const { documents } = memoryStore();
  const [a, b] = [replica('a', documents, fakeClock()), replica('b', documents, fakeClock())];
  a.leadership.start();
  await settle();
  b.leadership.start();
  await settle();
  await a.leadership.stop();
  assert.deepEqual(a.changes, [true, false]);
  await pass(LEASE_MS / 2, a.clock, b.clock);
  assert.deepEqual([b.leadership.leader, b.leadership.fence], [true, 2]);
});

test('a leader that cannot reach the store leads no longer than its lease', async () => {
  const { documents } = memoryStore();
  let away = false;
  const failing: Documents = {
    ...documents,
    get: (collection, id) => (away ? Promise.reject(new Error('away')) : documents.get(collection, id)),
  };
  const a = replica('a', failing, fakeClock());
  a.leadership.start();
  await settle();
  away = true;
  await pass(LEASE_MS - 500, a.clock);
  assert.equal(a.leadership.leader, true);
  await pass(500, a.clock);
  assert.equal(a.leadership.leader, false);
  away = false;
  await pass(LEASE_MS, a.clock);
  assert.deepEqual([a.leadership.leader, a.changes], [true, [true, false, true]]);
});

test('a clock that is set forward ends the lead, one that is set back does not stretch it', async () => {
  const { documents } = memoryStore();
  const a = replica('a', documents, fakeClock());
  a.leadership.start();
  await settle();
  a.clock.jump(a.clock.now() + 2 * LEASE_MS);
  assert.equal(a.leadership.leader, false, 'a machine that slept may not have counted the time');
  await pass(LEASE_MS, a.clock);
  assert.equal(a.leadership.leader, true);
});

test('the lock keeps others from the store; without it the lease decides alone', async () => {
  const { documents } = memoryStore();
  let holder: string | undefined;
  let away = false;
  const lock = (name: string): Lock => ({
    async claim() {
      if (away) return 'unknown';
      holder ??= name;
      return holder === name ? 'held' : 'taken';
    },
    async release() {
      if (holder === name) holder = undefined;
    },
  });
  const a = replica('a', documents, fakeClock(), lock('a'));
  const b = replica('b', documents, fakeClock(), lock('b'));
  a.leadership.start();
  await settle();
  b.leadership.start();
  await pass(LEASE_MS, a.clock, b.clock);
  assert.deepEqual([a.leadership.leader, holder], [true, 'a']);

  away = true;
  await pass(5 * LEASE_MS, a.clock, b.clock);
  assert.deepEqual([a.changes, b.changes], [[true], []], 'nothing changes while it is away');
  holder = undefined;
  away = false;
  await pass(5 * LEASE_MS, a.clock, b.clock);
  const leaders = [a, b].filter(({ leadership }) => leadership.leader);
  assert.equal(leaders.length, 1, 'one leads after it was flushed');
  assert.equal(holder, leaders[0] === a ? 'a' : 'b');
});
