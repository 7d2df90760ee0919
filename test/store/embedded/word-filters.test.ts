import assert from 'node:assert/strict';
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { KINDS, type Kind } from '../../../schemas/event.ts';
import { all, EVERYTHING, type Filter } from '../../../src/core/filter.ts';
import { DAY_MS } from '../../../src/store/embedded/day-files.ts';
import { EmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { fakeClock } from '../../fixtures/fake-clock.ts';
import { memoryStore } from '../../fixtures/memory-store.ts';
import { aLog, anyEvent, anyFilter, NOON } from '../../fixtures/samples.ts';

const silent = { warn: () => undefined, error: () => undefined };
const BLOCK_ROWS = 4;
const DEDUP_WINDOW_MS = 600_000;

async function dataFolder(t: TestContext): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'lightwatch-words-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  return dataDir;
}

async function wordFiles(dataDir: string): Promise<readonly string[]> {
  const entries = await readdir(join(dataDir, 'events'), { recursive: true, withFileTypes: true });
  return entries.filter(({ name }) => name.endsWith('.words')).map(({ parentPath, name }) => join(parentPath, name));
}

/** Phrases and ids, alone and with anything else: what the filters are asked for. */
const rare = fc.oneof(
  fc.constantFrom<Filter>(
    { op: 'phrase', text: 'time' },
    { op: 'phrase', text: 'x_1=42' },
    { op: 'phrase', text: 'İZMIR' },
    { op: 'phrase', text: '日本' },
    { op: 'phrase', text: ' straße.' },
    { op: 'phrase', text: 'absent' },
    { op: 'one_of', field: 'trace_id', values: ['00012'] },
    { op: 'one_of', field: 'trace_id', values: ['absent', 't-1'] },
    { op: 'one_of', field: 'event_id', values: ['e-7', 'e-150'] },
    { op: 'one_of', field: 'source_ip', values: ['::1'] },
  ),
  anyFilter,
);
const question = fc.record({
  kind: fc.constantFrom(...KINDS),
  where: fc.oneof(
    rare,
    fc.tuple(rare, anyFilter).map((both) => all(...both)),
  ),
  others: fc.array(rare, { maxLength: 4 }),
  order: fc.constantFrom('asc' as const, 'desc' as const),
  limit: fc.integer({ min: 1, max: 40 }),
});

async function sameAnswers(store: Store, plain: Store, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(question, async ({ others, ...asked }) => {
      const query = { ...asked, offset: 0, total: true };
      const [got, want] = [await store.page(query), await plain.page(query)];
      assert.deepEqual(
        got.events.map((event) => event.event_id),
        want.events.map((event) => event.event_id),
      );
      assert.equal(got.total, want.total);
      const { kind, where } = asked;
      const tally = { kind, where: EVERYTHING, filters: [where, ...others], groupBy: ['service'] as const };
      const counts = async (of: Store) => (await of.tally(tally)).map((group) => JSON.stringify(group)).toSorted();
      assert.deepEqual(await counts(store), await counts(plain));
    }),
    { numRuns },
  );
}

test('with filters, half of them, damaged or without any: the answers are those of the plain store', async (t) => {
  const seed = Date.now() & 0x7fff_ffff;
  t.diagnostic(`corpus ${seed}`);
  const dataDir = await dataFolder(t);
  const clock = fakeClock(NOON);
  const plain = memoryStore({ clock, dedupWindowMs: DEDUP_WINDOW_MS });
  const openStore = () =>
    EmbeddedStore.open({ dataDir, clock, dedupWindowMs: DEDUP_WINDOW_MS, log: silent, blockRows: BLOCK_ROWS });
  let store = await openStore();
  let made = 0;
  const fill = async <K extends Kind>(kind: K) => {
    const events = fc.sample(anyEvent[kind], { numRuns: 60, seed: seed + made });
    const batch = events.map((event) => ({ ...event, event_id: `e-${made++}` }));
    await store.append(kind, batch);
    await plain.append(kind, batch);
  };
  for (let day = 0; day < 3; day++) {
    for (const kind of KINDS) await fill(kind);
    await store.settle();
    // These have no block yet.
    for (const kind of KINDS) await fill(kind);
    clock.advance(DAY_MS / 2);
  }
  await sameAnswers(store, plain, 80);

  await store.close();
  const paths = await wordFiles(dataDir);
  assert.ok(paths.length > 0);
  for (const [index, path] of paths.entries()) {
    if (index % 3 === 0) await rm(path);
    else if (index % 3 === 1) await damage(path, seed + index);
    else await writeFile(path, 'not what it was');
  }
  store = await openStore();
  await sameAnswers(store, plain, 30);
  await store.settle();
  await sameAnswers(store, plain, 30);
  await store.close();
});

async function damage(path: string, seed: number): Promise<void> {
  const handle = await open(path, 'r+');
  const { size } = await handle.stat();
  await handle.write(Buffer.from([seed & 0xff]), 0, 1, seed % size);
  await handle.truncate(size - (seed % 40));
  await handle.close();
}

test('the filters go with their day', async (t) => {
  const dataDir = await dataFolder(t);
  const clock = fakeClock(NOON);
  const store = await EmbeddedStore.open({ dataDir, clock, dedupWindowMs: 0, log: silent, blockRows: BLOCK_ROWS });
  await store.append(
    'log',
    Array.from({ length: 2 * BLOCK_ROWS }, () => aLog()),
  );
  await store.settle();
  assert.equal((await wordFiles(dataDir)).length, 1);
  await store.expire('log', NOON + 2 * DAY_MS);
  assert.deepEqual(await wordFiles(dataDir), []);
  await store.close();
});
