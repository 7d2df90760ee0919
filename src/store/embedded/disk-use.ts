import { readdir, stat, statfs } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { KINDS, type Kind } from '../../../schemas/event.ts';
import type { DiskUse } from '../../core/disk-forecast.ts';
import { DAY_MS, dayOfName } from './day-files.ts';

interface FoundFile {
  /** From the store's folder: `events/log/2026-02-14.duckdb`. */
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
}

/** What the store in `dataDir` takes of its disk, as its files say. What goes while it is looked at counts as nothing. */
export async function measureDisk(dataDir: string): Promise<DiskUse> {
  const [files, { bavail, blocks, bsize }] = await Promise.all([filesIn(dataDir), statfs(dataDir)]);
  const days = Object.fromEntries(KINDS.map((kind) => [kind, new Map<string, number>()])) as Record<
    Kind,
    Map<string, number>
  >;
  let since = Number.POSITIVE_INFINITY;
  for (const { path, bytes, madeAt } of files) {
    const [folder, name = '', file = ''] = path.split(sep);
    const kind = KINDS.find((known) => known === name);
    const day = dayOfName(file);
    if (folder !== 'events' || kind === undefined || day === undefined) continue;
    days[kind].set(day, (days[kind].get(day) ?? 0) + bytes);
    // A folder that was copied is younger than what it holds: the file then tells its day, and no hour.
    const start = Date.parse(day);
    since = Math.min(since, Math.min(Math.max(madeAt, start), start + DAY_MS));
  }
  return {
    bytes: files.reduce((all, { bytes }) => all + bytes, 0),
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
    since,
    days: Object.fromEntries(
      KINDS.map((kind) => [kind, Array.from(days[kind], ([day, bytes]) => ({ day, bytes }))]),
    ) as unknown as DiskUse['days'],
  };
}

async function filesIn(folder: string): Promise<readonly FoundFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const is = await stat(path).catch(() => undefined);
        return is === undefined ? [] : [{ path: relative(folder, path), bytes: is.size, madeAt: is.birthtimeMs }];
      }),
  );
  return found.flat();
}
