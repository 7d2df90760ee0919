import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { equals } from '../../../src/core/filter.ts';
import { EmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import { eventsAfter, RecentEvents } from '../../../src/store/embedded/recent-events.ts';
import { fakeClock } from '../../fixtures/fake-clock.ts';
import { aLog, NOON } from '../../fixtures/samples.ts';
import { page } from '../../fixtures/store-contract/asking.ts';

const batch = (firstId: number, count: number) => ({
  kind: 'log' as const,
  receivedAt: NOON,
  events: Array.from({ length: count }, () => aLog()),
  id: (index: number) => String(firstId + index),
});

test('what is loaded is let go, and the rest is told by its ids', () => {
  const recent = new RecentEvents<'log'>();
  recent.add(batch(1, 2), 100);
  recent.add(batch(3, 2), 100);
  recent.forget(2);
  assert.ok(recent.hasAllAfter(2));
  assert.deepEqual(
    eventsAfter(recent.held(), 3).map(({ id }) => id),
    ['4'],
  );
});

test('too many, or too large, are not held: until they are loaded something is missing', () => {
  for (const [events, bytes] of [
    [5_000, 100],
    [1, 5_000_000],
  ] as const) {
    const recent = new RecentEvents<'log'>();
    recent.add(batch(1, 1), 100);
    recent.add(batch(2, events), bytes);
    recent.add(batch(10_000, 1), 100);
    assert.equal(recent.held().length, 1);
    assert.ok(!recent.hasAllAfter(events));
    assert.ok(recent.hasAllAfter(events + 1));
  }
});

test('a page, an event by its id and what was missed are answered without a load', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'lightwatch-recent-'));
  const log = { warn: () => undefined, error: () => undefined };
  const store = await EmbeddedStore.open({ dataDir, clock: fakeClock(NOON), dedupWindowMs: 0, log });
  t.after(async () => {
    await store.close();
    await rm(dataDir, { recursive: true });
  });
  const id = (await store.append('log', [aLog({ trace_id: 't-1' })])).id(0);
  await store.settle();
  const next = (await store.append('log', [aLog({ trace_id: 't-2' }), aLog({ trace_id: 't-2' })])).id(1);
  const { events, total } = await page(store, { where: equals('trace_id', 't-2'), total: true, limit: 1 });
  assert.deepEqual([events[0]?.id, total], [next, 2]);
  assert.equal((await store.get('log', next))?.trace_id, 't-2');
  assert.equal((await store.since('log', id, 10)).length, 2);
  assert.equal(store.stats().pending, 2);
  // Statistics are the engine's: they have it load first.
  const { groups } = await store.aggregate({
    kind: 'log',
    where: equals('trace_id', 't-2'),
    functions: ['count'],
    groupBy: [],
  });
  assert.equal(groups[0]?.points[0]?.values.count, 2);
  assert.equal(store.stats().pending, 0);
});
