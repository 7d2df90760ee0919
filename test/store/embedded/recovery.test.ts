import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../../src/core/clock.ts';
import { EVERYTHING } from '../../../src/core/filter.ts';
import { EmbeddedStore, type StoreLog } from '../../../src/store/embedded/embedded-store.ts';
import { encodeBatch } from '../../../src/store/embedded/record.ts';
import { aLog } from '../../fixtures/samples.ts';

const silent: StoreLog = { warn: () => undefined, error: () => undefined };

async function dataFolder(t: TestContext): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'lightwatch-recovery-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  return dataDir;
}

const open = (dataDir: string, log = silent) =>
  EmbeddedStore.open({ dataDir, dedupWindowMs: 600_000, clock: systemClock, log });

async function messages(store: EmbeddedStore): Promise<readonly string[]> {
  const { events } = await store.page({
    kind: 'log',
    where: EVERYTHING,
    order: 'asc',
    limit: 500,
    offset: 0,
    total: false,
  });
  return events.map(({ message }) => message);
}

/** A journal as a process that was killed leaves it: `text` in a segment that nobody has loaded. */
async function withSegment(dataDir: string, text: string): Promise<string> {
  const store = await open(dataDir);
  await store.close();
  const path = join(dataDir, 'journal', 'log', '2026-01-15-0000000000000001-0.ndjson');
  await appendFile(path, text);
  return path;
}

const AT = Date.UTC(2026, 0, 15, 12);
const line = (firstId: number, ...texts: readonly string[]) =>
  encodeBatch(
    'log',
    texts.map((message) => aLog({ message, timestamp: AT + firstId })),
    firstId,
    AT,
  );

test('what a killed process had acknowledged is loaded at the next start', async (t) => {
  const dataDir = await dataFolder(t);
  const path = await withSegment(dataDir, line(1, 'one', 'two') + line(3, 'three'));
  const store = await open(dataDir);
  assert.deepEqual(await messages(store), ['one', 'two', 'three']);
  assert.equal((await store.get('log', '3'))?.message, 'three');
  await store.close();
  assert.ok(!(await readdir(join(dataDir, 'journal', 'log'))).some((name) => path.endsWith(name)));
});

test('a torn tail is cut and the rest loaded', async (t) => {
  const dataDir = await dataFolder(t);
  await withSegment(dataDir, line(1, 'whole') + line(2, 'torn').slice(0, -9));
  const store = await open(dataDir);
  assert.deepEqual(await messages(store), ['whole']);
  await store.close();
});

test('damage in the middle costs the damaged line alone, which is kept', async (t) => {
  const dataDir = await dataFolder(t);
  const path = await withSegment(dataDir, `${line(1, 'before')}\u0000\u0000garbage\n${line(3, 'after')}`);
  const store = await open(dataDir);
  assert.deepEqual(await messages(store), ['before', 'after']);
  assert.match(await readFile(`${path}.damaged`, 'utf8'), /garbage/);
  await store.close();
});

test('what DuckDB refuses is set aside, counted and told, and holds up nothing', async (t) => {
  const dataDir = await dataFolder(t);
  // A level that does not fit its byte: our own writer never says it, another version of it might.
  const refused = line(3, 'good beside bad', 'bad', 'good again').replace(/"l":\[\d+,\d+,\d+\]/, '"l":[1,999,1]');
  const path = await withSegment(dataDir, line(1, 'first', 'second') + refused + line(6, 'last'));
  const told: string[] = [];
  const store = await open(dataDir, { ...silent, error: (_fields, message) => told.push(message) });
  assert.deepEqual(await messages(store), ['first', 'second', 'good beside bad', 'good again', 'last']);
  assert.equal(store.stats().setAside, 1);
  assert.deepEqual(told, ['events that DuckDB refuses were set aside']);
  assert.match(await readFile(`${path}.set-aside`, 'utf8'), /"bad"/);
  await store.close();
  const again = await open(dataDir);
  assert.equal((await messages(again)).length, 5);
  await again.close();
});

test('ids grow over a restart', async (t) => {
  const dataDir = await dataFolder(t);
  const first = await open(dataDir);
  const before = (await first.append('log', [aLog()])).id(0);
  await first.close();
  const second = await open(dataDir);
  const after = (await second.append('log', [aLog()])).id(0);
  assert.ok(after > before && after.length === before.length, `${after} after ${before}`);
  await second.close();
});

test('the ids of twenty thousand events are known after a restart, and each event by its own', async (t) => {
  const dataDir = await dataFolder(t);
  const events = Array.from({ length: 20_000 }, (_, index) =>
    aLog({ message: `event ${index}`, timestamp: AT, ...(index % 2 === 0 && { event_id: `own-${index}` }) }),
  );
  const before = await open(dataDir);
  const first = await before.append('log', events);
  const ids = events.map((_, index) => first.id(index));
  await before.close();
  const store = await open(dataDir);
  const withoutId = await store.append('log', [aLog({ timestamp: AT })]);
  assert.equal(withoutId.stored.events.length, 1, 'what has no id of its own is never a repeat');
  const again = events.filter(({ event_id: eventId }) => eventId !== undefined);
  const second = await store.append('log', again);
  assert.equal(second.stored.events.length, 0);
  assert.deepEqual(
    again.map((_, index) => second.id(index)),
    ids.filter((_, index) => index % 2 === 0),
  );
  await store.close();
});
