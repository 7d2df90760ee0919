import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { amount, atMost, type Row } from './report.ts';

/** Blocks of `stat` are of this size on every system, whatever the file system's own are. */
const BLOCK_BYTES = 512;

/** What the store takes on disk once everything is loaded and the server has closed it. */
export async function disk(bench: Bench): Promise<Row[]> {
  bench.progress('disk');
  const corpus = await bench.corpus();
  const { dataDir, events } = await bench.retireFilled();
  const bytes = await used(dataDir);
  const each = bytes / events;
  const sentEach = corpus.bytes / corpus.events;
  return [
    {
      measure: `disk, ${amount(events, 'events')} of ${amount(sentEach, 'bytes')}, settled`,
      shown: amount(each, 'bytes an event'),
      ceilings: [{ name: 'as sent', shown: amount(sentEach, 'bytes an event'), ratio: sentEach / each }],
      goal: atMost(each, 22, 'bytes an event'),
    },
  ];
}

/** As `du` counts: what is allocated, of all files. */
async function used(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).blocks * BLOCK_BYTES),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
