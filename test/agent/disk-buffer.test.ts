import assert from 'node:assert/strict';
import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DiskBuffer } from '../../src/agent/disk-buffer.ts';
import { temporaryFolder } from './temporary-folder.ts';

const MIB = 1024 * 1024;

async function everything(buffer: DiskBuffer): Promise<readonly string[]> {
  const events: string[] = [];
  for (;;) {
    const segment = await buffer.oldest();
    if (segment === undefined) return events;
    events.push(...segment.events);
    await buffer.remove(segment.id);
  }
}

test('events come out in the order they went in, also after a restart', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await DiskBuffer.open(folder, MIB);
  await Promise.all([first.append(['1', '2']), first.append(['3'])]);
  await first.close();
  const second = await DiskBuffer.open(folder, MIB);
  await second.append(['4']);
  assert.equal(second.bytes, 8);
  assert.deepEqual(await everything(second), ['1', '2', '3', '4']);
  assert.ok(second.empty);
  assert.equal(second.bytes, 0);
  await second.close();
});

test('what is appended while a part is being sent is not lost when that part is removed', async (t) => {
  const buffer = await DiskBuffer.open(await temporaryFolder(t), MIB);
  await buffer.append(['1']);
  const sent = await buffer.oldest();
  await buffer.append(['2']);
  await buffer.remove(sent?.id ?? -1);
  assert.deepEqual(await everything(buffer), ['2']);
  await buffer.close();
});

test('past its bound the oldest go and are counted, across a restart too', async (t) => {
  const folder = await temporaryFolder(t);
  const buffer = await DiskBuffer.open(folder, 100_000);
  const event = 'x'.repeat(99);
  for (let at = 0; at < 30; at++)
    await buffer.append(Array.from({ length: 100 }, () => `${String(at).padStart(2, '0')}${event}`));
  assert.ok(buffer.bytes <= 100_000 + 1000 * 102, `${buffer.bytes} bytes`);
  assert.equal(buffer.dropped + buffer.bytes / 102, 3000);
  await buffer.close();
  const reopened = await DiskBuffer.open(folder, 100_000);
  const { dropped } = reopened;
  assert.ok(dropped > 0);
  const left = await everything(reopened);
  assert.equal(left.length + dropped, 3000);
  assert.equal(left.at(-1)?.slice(0, 2), '29');
  await reopened.reported(dropped);
  assert.equal(reopened.dropped, 0);
  await reopened.close();
});

test('a line that a crash cut short was never safe and is dropped', async (t) => {
  const folder = await temporaryFolder(t);
  const buffer = await DiskBuffer.open(folder, MIB);
  await buffer.append(['whole']);
  await buffer.close();
  const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('.ndjson'));
  await appendFile(join(folder, name), '{"half":');
  const reopened = await DiskBuffer.open(folder, MIB);
  assert.deepEqual(await everything(reopened), ['whole']);
  await reopened.close();
});
