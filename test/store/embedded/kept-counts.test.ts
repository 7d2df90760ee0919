import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Kind } from '../../../schemas/event.ts';
import { all, type Field, type Filter } from '../../../src/core/filter.ts';
import { DAY_MS } from '../../../src/store/embedded/day-files.ts';
import { EmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import type { AggregateFn, AggregateQuery, Store } from '../../../src/store/store.ts';
import { fakeClock } from '../../fixtures/fake-clock.ts';
import { memoryStore } from '../../fixtures/memory-store.ts';
import { anyEvent, anyFilter, NOON } from '../../fixtures/samples.ts';
import { sorted } from '../../fixtures/store-contract/figures.ts';

const silent = { warn: () => undefined, error: () => undefined };
const MINUTE_MS = 60_000;
const KINDS = ['log', 'metric'] as const;

/** Moments at, before and between the edges of what is counted together. */
const moment = fc
  .tuple(fc.integer({ min: -40, max: 40 }), fc.constantFrom(0, 1, -1, 30_000, 299_999, 0.5))
  .map(([hours, more]) => NOON + hours * 3_600_000 + more);

const oneOf = (field: Field, ...values: readonly string[]): Filter => ({ op: 'one_of', field, values });
/** What the counts can tell, and now and then what they cannot. */
const where = fc
  .tuple(
    fc.option(fc.record({ from: moment, to: moment }), { nil: undefined }),
    fc.option(moment, { nil: undefined }),
    fc.oneof(
      fc.constantFrom<Filter>(
        { op: 'all', filters: [] },
        oneOf('service', 'pay'),
        oneOf('name', 'mem'),
        oneOf('level', 'error', 'fatal'),
        { op: 'not', filter: oneOf('service', 'pay', 'gate') },
        { op: 'any', filters: [oneOf('level', 'warn'), oneOf('service', "o'neil")] },
        { op: 'all', filters: [oneOf('service', 'pay'), oneOf('level', 'info')] },
      ),
      anyFilter,
    ),
  )
  .map(([range, from, rest]) => all({ op: 'time', ...(range ?? (from === undefined ? {} : { from })) }, rest));

const question = fc.record({
  kind: fc.constantFrom(...KINDS),
  where,
  groupBy: fc.subarray<Field>(['service', 'level', 'name', 'host'], { maxLength: 2 }),
  stepMs: fc.constantFrom(undefined, MINUTE_MS, 5 * MINUTE_MS, 3_600_000, 90_000),
});

async function sameAnswers(store: Store, plain: Store, numRuns: number): Promise<void> {
  const both = async <T>(ask: (one: Store) => Promise<T>) => assert.deepEqual(await ask(store), await ask(plain));
  await fc.assert(
    fc.asyncProperty(question, async ({ stepMs, ...asked }) => {
      const { kind, groupBy } = asked;
      const functions: readonly AggregateFn[] =
        kind === 'metric' ? ['count', 'newest', 'avg', 'min', 'max', 'sum', 'p50', 'p99'] : ['count', 'newest'];
      const aggregate: AggregateQuery = { ...asked, functions, ...(stepMs !== undefined && { stepMs }) };
      await both(async (one) => sorted((await one.aggregate(aggregate)).groups));
      await both(async (one) => sorted((await one.aggregate({ ...aggregate, functions: ['count'] })).groups));
      await both((one) => one.facets({ kind, where: asked.where, fields: groupBy, limit: 3 }));
      const filters = [oneOf('service', 'pay', 'Pay'), { op: 'not' as const, filter: oneOf('level', 'error') }];
      await both(async (one) => {
        const groups = await one.tally({ kind, where: asked.where, filters, groupBy });
        return groups.map((group) => JSON.stringify(group)).sort();
      });
      await both(async (one) => {
        const query = { kind, where: asked.where, order: 'desc', limit: 2, offset: 0, total: true } as const;
        return (await one.page(query)).total;
      });
    }),
    { numRuns },
  );
}

test('with counts, late and removed events, a tail that is not counted, and after a restart: the answers of the plain store', async (t) => {
  const seed = Date.now() & 0x7fff_ffff;
  t.diagnostic(`corpus ${seed}`);
  const dataDir = await mkdtemp(join(tmpdir(), 'lightwatch-counts-'));
  const clock = fakeClock(NOON);
  const plain = memoryStore({ clock, dedupWindowMs: 0 });
  const open = () => EmbeddedStore.open({ dataDir, clock, dedupWindowMs: 0, log: silent, countedRows: 50 });
  let store = await open();
  t.after(async () => {
    await store.close();
    await rm(dataDir, { recursive: true });
  });
  let made = 0;
  /** Each event's ids in the two stores. */
  const stored: { readonly kind: Kind; readonly id: string; readonly plainId: string }[] = [];
  const fillKind = async <K extends Kind>(kind: K, count: number) => {
    const events = fc.sample(anyEvent[kind], { numRuns: count, seed: seed + made++ });
    const appended = await store.append(kind, events);
    const plainly = await plain.append(kind, events);
    events.forEach((_, index) => {
      stored.push({ kind, id: appended.id(index), plainId: plainly.id(index) });
    });
  };
  const removeSome = async () => {
    for (const { kind, id, plainId } of stored.filter((_, index) => index % 23 === 7)) {
      assert.equal(await store.remove(kind, id), await plain.remove(kind, plainId));
    }
  };
  const fill = async (count: number) => {
    for (const kind of KINDS) await fillKind(kind, count);
  };
  for (let day = 0; day < 2; day++) {
    await fill(70);
    await store.settle();
    await fill(60);
    await store.settle();
    await removeSome();
    // These wait for company.
    await fill(20);
    clock.advance(DAY_MS);
  }
  await sameAnswers(store, plain, 40);
  await store.close();
  store = await open();
  await sameAnswers(store, plain, 15);
  await store.settle();
  await sameAnswers(store, plain, 25);
  await removeSome();
  await sameAnswers(store, plain, 25);
});
