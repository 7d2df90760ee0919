import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { Engine } from '../../../src/store/embedded/engine.ts';
import { FileDocuments } from '../../../src/store/embedded/file-documents.ts';
import type { Documents } from '../../../src/store/store.ts';
import { memoryStore } from '../../fixtures/memory-store.ts';
import { smallDisk } from '../../fixtures/small-disk.ts';
import { aRule } from '../../fixtures/store-contract/asking.ts';

const silent = { warn: () => undefined, error: () => undefined };
const MIB = 1024 * 1024;

async function openEngine(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'lightwatch-documents-'));
  const engine = await Engine.open({ tempDir: join(folder, 'tmp'), log: silent });
  t.after(async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  });
  return { engine, folder };
}

test('a list follows the fields it is chosen by as they change, come and go', async (t) => {
  const { engine, folder } = await openEngine(t);
  const documents = await FileDocuments.open(engine, join(folder, 'documents.duckdb'));
  const { service: _service, ...unserved } = aRule('a');
  await documents.insert('rules', { ...aRule('a'), service: 'pay', enabled: true });
  const paying = async () => (await documents.list('rules', { where: { service: 'pay' } })).total;
  const enabled = async () => (await documents.list('rules', { where: { enabled: true } })).total;
  assert.deepEqual([await paying(), await enabled()], [1, 1]);
  await documents.update('rules', { ...unserved, enabled: false }, 1);
  assert.deepEqual([await paying(), await enabled()], [0, 0]);
  await documents.update('rules', { ...aRule('a'), service: 'pay', enabled: true }, 2);
  assert.deepEqual([await paying(), await enabled()], [1, 1]);
});

test('what the engine refuses has a code', async (t) => {
  const { engine, folder } = await openEngine(t);
  const documents = await FileDocuments.open(engine, join(folder, 'documents.duckdb'));
  await engine.detach('documents');
  const unavailable = { code: 'LW_STORE_UNAVAILABLE' };
  await assert.rejects(documents.get('rules', 'a'), unavailable);
  await assert.rejects(documents.list('rules'), unavailable);
  await assert.rejects(documents.insert('rules', aRule('a')), unavailable);
  await assert.rejects(documents.update('rules', aRule('a'), 1), unavailable);
  await assert.rejects(documents.delete('rules', 'a'), unavailable);
});

test('a full disk is told, loses nothing, and passes', async (t) => {
  const { engine } = await openEngine(t);
  const disk = await smallDisk(t, 2 * MIB, () => engine.close());
  if (disk === undefined) return t.skip('only root may mount a small file system');
  const documents = await FileDocuments.open(engine, join(disk, 'documents.duckdb'));
  await documents.insert('rules', aRule('before'));
  const ballast = join(disk, 'ballast');
  await writeFile(ballast, Buffer.alloc(2 * MIB)).catch(() => undefined);
  const noise = Array.from({ length: 8_000 }, () => Math.random().toString(36)).join(' ');
  const large = { ...aRule('large'), name: noise };
  await assert.rejects(documents.insert('rules', large), { code: 'LW_DISK_FULL' });
  assert.equal((await documents.get('rules', 'before'))?.document.id, 'before');
  await rm(ballast);
  assert.equal(await documents.insert('rules', large), true);
  assert.equal((await documents.list('rules')).total, 2);
});

test('a file that was made before there were fences is brought up to date', async (t) => {
  const { engine, folder } = await openEngine(t);
  const path = join(folder, 'documents.duckdb');
  await FileDocuments.open(engine, path);
  await engine.write(async (run) => {
    await run('DROP TABLE documents.entries');
    await run(
      'CREATE TABLE documents.entries (key VARCHAR PRIMARY KEY, collection VARCHAR, version BIGINT, place BIGINT, body JSON, ' +
        'status VARCHAR, announcing VARCHAR, enabled VARCHAR, service VARCHAR, "ruleId" VARCHAR, incident_id VARCHAR)',
    );
    const body = JSON.stringify(aRule('old'));
    return run(
      `INSERT INTO documents.entries VALUES ('rules/old', 'rules', 1, 1, ?, NULL, NULL, 'true', NULL, NULL, NULL)`,
      [body],
    );
  });
  await engine.detach('documents');
  const documents = await FileDocuments.open(engine, path);
  assert.equal((await documents.list('rules', { where: { enabled: true } })).total, 1);
  assert.equal(await documents.fenced(3).update('rules', aRule('old'), 1), true);
  assert.equal(await documents.fenced(2).update('rules', aRule('old'), 2), false);
});

test('half a surrogate pair in a text becomes U+FFFD', async (t) => {
  const { engine, folder } = await openEngine(t);
  const documents = await FileDocuments.open(engine, join(folder, 'documents.duckdb'));
  await documents.insert('rules', { ...aRule('a'), name: 'half \ud83d, whole \ud83d\ude00, written \\ud83d' });
  const { document } = (await documents.get('rules', 'a')) ?? assert.fail('it is not there');
  assert.equal(document.name, 'half \ufffd, whole \ud83d\ude00, written \\ud83d');
});

/** How many transactions of the writer `task` takes. */
async function turnsOf(engine: Engine, task: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  const write = engine.write.bind(engine);
  engine.write = (change) => {
    turns++;
    return write(change);
  };
  await task();
  return turns;
}

test('writes that come together share a commit, and each is answered for itself', async (t) => {
  const { engine, folder } = await openEngine(t);
  const documents = await FileDocuments.open(engine, join(folder, 'documents.duckdb'));
  await documents.insert('rules', aRule('there'));
  let answers: readonly boolean[] = [];
  const turns = await turnsOf(engine, async () => {
    const inserts = Array.from({ length: 100 }, (_, index) => documents.insert('rules', aRule(`r${index}`)));
    answers = await Promise.all([
      ...inserts,
      documents.insert('rules', aRule('there')),
      documents.update('rules', aRule('absent'), 1),
      documents.delete('rules', 'never'),
    ]);
  });
  assert.equal(turns, 1);
  assert.deepEqual(answers, [...Array.from({ length: 100 }, () => true), false, false, false]);
});

test('a write that fails among others fails alone', async (t) => {
  const { engine, folder } = await openEngine(t);
  const documents = await FileDocuments.open(engine, join(folder, 'documents.duckdb'));
  const [before, broken, after] = await Promise.allSettled([
    documents.insert('rules', aRule('before')),
    documents.fenced(Number.NaN).insert('rules', aRule('broken')),
    documents.insert('rules', aRule('after')),
  ]);
  assert.deepEqual([before.status, broken.status, after.status], ['fulfilled', 'rejected', 'fulfilled']);
  const { items } = await documents.list('rules');
  assert.deepEqual(
    items.map(({ document }) => document.id),
    ['before', 'after'],
  );
});

const IDS = [...'abcdefghijklmnop', "o'neil", 'ä\u0000', 'a"b\\c'];

interface Write {
  readonly what: 'insert' | 'update' | 'delete';
  readonly id: string;
  /** Behind the first. */
  readonly version: number;
  readonly fence: number | undefined;
}

test('whatever is written at once is as if written in turn', async (t) => {
  const { engine, folder } = await openEngine(t);
  const kept = await FileDocuments.open(engine, join(folder, 'documents.duckdb'));
  const write: fc.Arbitrary<Write> = fc.record({
    what: fc.constantFrom('insert', 'update', 'delete'),
    id: fc.constantFrom(...IDS),
    version: fc.constantFrom(0, 1, 2),
    fence: fc.constantFrom(undefined, 1, 2),
  });
  const make = (documents: Documents, start: number, { what, id, version, fence }: Write) => {
    const writer = fence === undefined ? documents : documents.fenced(fence);
    if (what === 'insert') return writer.insert('rules', aRule(id));
    return what === 'delete' ? writer.delete('rules', id) : writer.update('rules', aRule(id), start + version);
  };
  const content = async (documents: Documents, start: number) =>
    (await documents.list('rules')).items.map(({ document, version }) => [document.id, version - start]);
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 50 }), async (writes) => {
      for (const id of IDS) await kept.delete('rules', id);
      const model = memoryStore().documents;
      const expected: boolean[] = [];
      for (const one of writes) expected.push(await make(model, 0, one));
      assert.deepEqual(await Promise.all(writes.map((one) => make(kept, 1, one))), expected);
      assert.deepEqual(await content(kept, 1), await content(model, 0));
    }),
    { numRuns: 60 },
  );
});
