import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DAY_MS, type DayFile, DayFiles } from '../../../src/store/embedded/day-files.ts';
import { Engine } from '../../../src/store/embedded/engine.ts';
import { smallDisk } from '../../fixtures/small-disk.ts';

const DAY = '2026-01-15';
const GARBAGE = 'not a database'.repeat(10_000);

/** The heartbeats' days in a folder of their own. */
async function openDays(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'lightwatch-days-'));
  const directory = join(folder, 'events');
  const told: string[] = [];
  const tell = (_fields: object, message: string) => void told.push(message);
  const engine = await Engine.open({ tempDir: join(folder, 'tmp'), log: { warn: tell, error: tell } });
  t.after(async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  });
  const open = () => DayFiles.open('heartbeat', directory, engine);
  return { engine, directory, told, open, days: await open() };
}

/** Puts an event into a day's file as a load does. */
async function fill(engine: Engine, days: DayFiles, file: DayFile, id: number): Promise<void> {
  const time = Date.parse(file.day);
  await engine.load(async (run) => {
    await run(`INSERT INTO ${file.alias}.events (id, received_at, timestamp) VALUES (?, ?, ?)`, [id, time, time]);
    await run(`INSERT INTO ${file.alias}.loaded VALUES (?, ?, 1, ?, ?)`, [id, id, time, time]);
  });
  days.update({ ...file, firstId: id, lastId: id, events: 1, minTime: time, maxTime: time });
}

const daysOf = (days: DayFiles) => days.list().map(({ day }) => day);

test('a damaged file of a day that is written is moved aside with its log, and a new one begun', async (t) => {
  const { engine, directory, told, days } = await openDays(t);
  const path = join(directory, `${DAY}.duckdb`);
  await writeFile(path, GARBAGE);
  await writeFile(`${path}.wal`, 'its log');
  await fill(engine, days, await days.of(DAY), 7);
  assert.equal(days.lastId(), 7);
  const names = await readdir(directory);
  for (const name of ['damaged-1', 'damaged-1.wal']) assert.ok(names.includes(`${DAY}.duckdb.${name}`), `${names}`);
  assert.match(told.join(), /moved aside/);
});

test('a damaged file moved aside never replaces an earlier one', async (t) => {
  const { directory, days } = await openDays(t);
  await writeFile(join(directory, `${DAY}.duckdb.damaged-1`), 'earlier');
  await writeFile(join(directory, `${DAY}.duckdb`), GARBAGE);
  await days.of(DAY);
  assert.ok((await readdir(directory)).includes(`${DAY}.duckdb.damaged-2`));
});

test('a file that became damaged while it was open is moved aside after the restart that finds it', async (t) => {
  const { engine, directory, told, days } = await openDays(t);
  await fill(engine, days, await days.of('2026-01-14'), 3);
  await fill(engine, days, await days.of(DAY), 7);
  await engine.write((run) => run(`DETACH heartbeat_${DAY.replaceAll('-', '')}`));
  await writeFile(join(directory, `${DAY}.duckdb`), GARBAGE);
  await engine.restart();
  assert.deepEqual(daysOf(days), ['2026-01-14']);
  assert.equal(days.lastId(), 3);
  assert.equal((await days.of(DAY)).events, 0);
  assert.deepEqual(daysOf(days), ['2026-01-14', DAY]);
  assert.equal(told.length, 2);
});

test('a damaged file of another day holds up nothing and is named', async (t) => {
  const { directory, open } = await openDays(t);
  await writeFile(join(directory, '2026-01-02.duckdb'), GARBAGE);
  const days = await open();
  assert.deepEqual(
    days.damaged.map(({ path }) => path),
    [join(directory, '2026-01-02.duckdb')],
  );
  assert.equal((await days.of(DAY)).events, 0);
});

test('logs whose files are gone are removed when the store is opened', async (t) => {
  const { directory, open } = await openDays(t);
  await writeFile(join(directory, '2026-01-02.duckdb.wal'), 'left by a crash');
  await open();
  assert.deepEqual(await readdir(directory), []);
});

test('whole days expire with everything of theirs, damaged files too', async (t) => {
  const { engine, directory, days } = await openDays(t);
  for (const [index, day] of ['2026-01-13', '2026-01-14', DAY].entries())
    await fill(engine, days, await days.of(day), index + 1);
  await writeFile(join(directory, '2026-01-12.duckdb.damaged-1'), GARBAGE);
  assert.equal(await days.expire(Date.parse(DAY)), 2);
  assert.deepEqual(daysOf(days), [DAY]);
  assert.deepEqual(
    (await readdir(directory)).filter((name) => !name.startsWith(DAY)),
    [],
  );
  assert.equal(await days.expire(Date.parse(DAY) + DAY_MS - 1), 0);
});

test('a file that cannot be deleted is out of every answer, and goes the next time', async (t) => {
  const { engine, directory, told, days } = await openDays(t);
  await fill(engine, days, await days.of('2026-01-13'), 1);
  await fill(engine, days, await days.of(DAY), 2);
  // A folder in its place: it cannot be deleted as a file can.
  const stuck = join(directory, '2026-01-12.duckdb');
  await mkdir(stuck);
  assert.equal(await days.expire(Date.parse(DAY)), 1);
  assert.deepEqual(daysOf(days), [DAY]);
  assert.match(told.join(), /cannot be deleted/);
  await rm(stuck, { recursive: true });
  await copyFile(join(directory, `${DAY}.duckdb`), stuck);
  assert.equal(await days.expire(Date.parse(DAY)), 0);
  assert.deepEqual(
    (await readdir(directory)).filter((name) => !name.startsWith(DAY)),
    [],
  );
});

test('a day that began on a full disk is written once there is room, and expires on one', async (t) => {
  const { engine } = await openDays(t);
  const disk = await smallDisk(t, 2 * 1024 * 1024, () => engine.close());
  if (disk === undefined) return t.skip('only root may mount a small file system');
  const days = await DayFiles.open('log', disk, engine);
  const ballast = join(disk, 'ballast');
  await writeFile(ballast, Buffer.alloc(2 * 1024 * 1024 - 3 * 4096));
  await assert.rejects(days.of(DAY), /No space left/);
  await assert.rejects(days.of(DAY), /No space left/);
  assert.deepEqual(await readdir(disk), ['ballast']);
  await rm(ballast);
  await fill(engine, days, await days.of(DAY), 1);
  await writeFile(ballast, Buffer.alloc(2 * 1024 * 1024)).catch(() => undefined);
  assert.equal(await days.expire(Date.parse(DAY) + DAY_MS), 1);
  assert.deepEqual(await readdir(disk), ['ballast']);
});
