import assert from 'node:assert/strict';
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Engine } from '../../../src/store/embedded/engine.ts';
import { smallDisk } from '../../fixtures/small-disk.ts';

/** Takes far longer than any test waits. */
const ENDLESS = 'SELECT count(*) FROM range(1000000000000) numbers(n) WHERE n % 7 = 3';
const READERS = 2;
const MAX_WAITING = 256;

async function openEngine(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'lightwatch-engine-'));
  const told: string[] = [];
  const tell = (_fields: object, message: string) => void told.push(message);
  const engine = await Engine.open({ tempDir: join(folder, 'tmp'), log: { warn: tell, error: tell } });
  t.after(async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  });
  return { engine, folder, told };
}

/** Readers that are taken until `free` is called. */
function occupy(engine: Engine) {
  let free = (): void => undefined;
  const freed = new Promise<void>((resolve) => {
    free = resolve;
  });
  const tasks = Array.from({ length: READERS }, () => engine.snapshot(() => freed));
  return { free, done: Promise.all(tasks) };
}

test('a query past its time is stopped, and its reader serves the next', async (t) => {
  const { engine } = await openEngine(t);
  await assert.rejects(
    engine.snapshot((read) => read(ENDLESS), { timeoutMs: 30 }),
    { code: 'LW_QUERY_TIMEOUT', message: /longer than 0\.03 s/ },
  );
  for (let again = 0; again < 2 * READERS; again++)
    assert.deepEqual(await engine.snapshot((read) => read('SELECT 1 AS one')), [{ one: 1 }]);
});

test('a query that nobody waits for any more is stopped, and its reader serves the next', async (t) => {
  const { engine } = await openEngine(t);
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error('the client has left');
  const asked = engine.snapshot(
    (read) => {
      setImmediate(() => controller.abort(reason));
      return read(ENDLESS);
    },
    { signal },
  );
  await assert.rejects(asked, (error) => error === reason);
  for (let again = 0; again < 2 * READERS; again++)
    assert.deepEqual(await engine.snapshot((read) => read('SELECT 1 AS one')), [{ one: 1 }]);
});

test('a task whose time is up between two statements begins no further one', async (t) => {
  const { engine } = await openEngine(t);
  let begun = 0;
  const task = engine.snapshot(
    async (read) => {
      for (;;) {
        begun++;
        await read('SELECT 1');
        await new Promise(setImmediate);
      }
    },
    { timeoutMs: 30 },
  );
  await assert.rejects(task, { code: 'LW_QUERY_TIMEOUT' });
  assert.ok(begun > 1);
});

test('waiting for a reader counts as time, and too many are not let wait', async (t) => {
  const { engine } = await openEngine(t);
  const { free, done } = occupy(engine);
  const one = () => engine.snapshot((read) => read('SELECT 1 AS one'));
  await assert.rejects(
    engine.snapshot(() => Promise.resolve(), { timeoutMs: 20 }),
    { code: 'LW_OVERLOADED' },
  );
  const waiting = Array.from({ length: MAX_WAITING }, one);
  await assert.rejects(one(), { code: 'LW_OVERLOADED' });
  free();
  await done;
  assert.equal((await Promise.all(waiting)).length, MAX_WAITING);
});

test('a file is let go of while more queries wait than may, and no reader is lost', async (t) => {
  const { engine, folder } = await openEngine(t);
  await engine.attach('a', join(folder, 'a.duckdb'), []);
  const { free, done } = occupy(engine);
  const waiting = Array.from({ length: MAX_WAITING }, () => engine.snapshot((read) => read('SELECT 1')));
  const detached = engine.detach('a');
  // The detaching asks for its readers before this turn ends.
  await new Promise(setImmediate);
  free();
  await Promise.all([done, detached, ...waiting]);
  assert.equal(engine.has('a'), false);
  await Promise.all(Array.from({ length: 3 * READERS }, () => engine.snapshot((read) => read('SELECT 1'))));
});

test('a restart that failed is tried again at the next failure', async (t) => {
  const { engine, folder } = await openEngine(t);
  await engine.attach('a', join(folder, 'a.duckdb'), ['CREATE TABLE a.t AS SELECT 7 AS n']);
  await engine.attach('b', join(folder, 'b.duckdb'), ['CREATE TABLE b.t AS SELECT 8 AS n']);
  // A folder that is missing is no damage: it may come back.
  await rename(folder, `${folder}-away`);
  await assert.rejects(engine.restart(), /No such file/);
  await rename(`${folder}-away`, folder);
  await engine.recover(new Error('any failure'));
  assert.deepEqual(await engine.snapshot((read) => read('SELECT a.t.n AS a, b.t.n AS b FROM a.t, b.t')), [
    { a: 7, b: 8 },
  ]);
});

test('a restart leaves out a file that has become damaged, and says so', async (t) => {
  const { engine, folder, told } = await openEngine(t);
  const path = join(folder, 'a.duckdb');
  await engine.attach('a', path, ['CREATE TABLE a.t AS SELECT 7 AS n']);
  await engine.attach('b', join(folder, 'b.duckdb'), ['CREATE TABLE b.t AS SELECT 8 AS n']);
  await engine.write((run) => run('DETACH a'));
  await writeFile(path, 'not a database'.repeat(10_000));
  await engine.restart();
  assert.deepEqual([engine.has('a'), engine.has('b')], [false, true]);
  assert.deepEqual(await engine.snapshot((read) => read('SELECT n FROM b.t')), [{ n: 8 }]);
  assert.match(told.join(), /is damaged/);
});

test('a file that cannot be given its tables is not attached and leaves nothing behind', async (t) => {
  const { engine, folder } = await openEngine(t);
  const path = join(folder, 'a.duckdb');
  await assert.rejects(engine.attach('a', path, ['CREATE TABLE a.t (n BIGINT)', 'SELECT wrong']));
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name !== 'tmp'),
    [],
  );
  await engine.attach('a', path, ['CREATE TABLE a.t (n BIGINT)']);
});

test('a file that a killed process was making is made anew', async (t) => {
  const { engine, folder } = await openEngine(t);
  const path = join(folder, 'a.duckdb');
  await writeFile(path, Buffer.alloc(4096));
  await engine.attach('a', path, ['CREATE TABLE a.t (n BIGINT)']);
});

test('a file that a full disk did not take is made once there is room', async (t) => {
  const { engine } = await openEngine(t);
  const disk = await smallDisk(t, 1024 * 1024, () => engine.close());
  if (disk === undefined) return t.skip('only root may mount a small file system');
  const path = join(disk, 'a.duckdb');
  // Room for nothing, for some of its headers, for all of them but not for its tables.
  for (const pages of [0, 1, 3]) {
    await writeFile(join(disk, 'ballast'), Buffer.alloc(1024 * 1024 - pages * 4096));
    await assert.rejects(engine.attach('a', path, ['CREATE TABLE a.t (n BIGINT)']), /No space left/);
    await rm(join(disk, 'ballast'));
    await engine.attach('a', path, ['CREATE TABLE a.t (n BIGINT)']);
    await engine.detach('a');
    await rm(path);
  }
});

test('what does not fit in memory is spilled into the given folder', async (t) => {
  const { engine, folder } = await openEngine(t);
  const [setting] = await engine.snapshot((read) => read("SELECT current_setting('temp_directory') AS folder"));
  assert.equal(setting?.folder, join(folder, 'tmp'));
});
