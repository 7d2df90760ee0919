import { close, fdatasync, fsync, ftruncate, open, write, writeSync } from 'node:fs';
import { appendFile, mkdir, open as openFile, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** The calls by number of file: a commit makes two of them, and handles of `fs/promises` cost more than that. */
const fs = {
  open: promisify(open),
  write: promisify(write) as (
    fd: number,
    data: Buffer,
    offset: number,
    length: number,
    position: number,
  ) => Promise<{ bytesWritten: number }>,
  fdatasync: promisify(fdatasync),
  fsync: promisify(fsync),
  ftruncate: promisify(ftruncate),
  close: promisify(close),
};

/**
 * Events of a full segment: a row group of DuckDB. Loaded alone it becomes exactly one, compressed and written at once;
 * a row more or less, and DuckDB puts the rest aside to compress and merge it later, at three times the cost.
 */
export const SEGMENT_EVENTS = 122_880;

/** A segment also ends at this size: it is read whole when something is wrong with it. */
const SEGMENT_BYTES = 64 * 1024 * 1024;

/** Bytes that are written by the thread that has them: some 20 µs. The sync always happens elsewhere. */
const WRITE_AT_ONCE_BYTES = 64 * 1024;

/** What a stretch of the journal holds. Times in milliseconds since the epoch; the day is that of arrival, in UTC. */
export interface Span {
  readonly day: string;
  readonly firstId: number;
  readonly lastId: number;
  readonly events: number;
  readonly minTime: number;
  readonly maxTime: number;
}

/** One file of the journal, of one day. Everything in it was synced. */
export interface Segment extends Span {
  readonly path: string;
}

/** The file that is being written. */
interface Active {
  readonly fd: number;
  readonly path: string;
  bytes: number;
  span: Span | undefined;
}

/** Where events are made durable: files of lines that only grow. One thing happens at a time, in the order of the calls. */
export class Journal {
  private readonly directory: string;
  private last: Promise<unknown> = Promise.resolve();
  private active: Active | undefined;
  private sealed: readonly Segment[] = [];
  private segments = 0;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Opens the journal in `directory`. `recover` tells what a line holds, or undefined when it is not whole. */
  static async open(directory: string, recover: (line: string) => Span | undefined): Promise<Journal> {
    await mkdir(directory, { recursive: true });
    const journal = new Journal(directory);
    const names = (await readdir(directory)).filter((name) => name.endsWith('.ndjson')).sort();
    for (const name of names) {
      const path = join(directory, name);
      const span = await recoverSegment(path, recover);
      if (span === undefined) await unlink(path);
      else journal.sealed = [...journal.sealed, { ...span, path }];
    }
    return journal;
  }

  /** How many events fill the segment that is being written. */
  get room(): number {
    return SEGMENT_EVENTS - (this.active?.span?.events ?? 0);
  }

  /** The segments that are not written to any more, oldest first. */
  get full(): readonly Segment[] {
    return this.sealed;
  }

  /** Resolves when `bytes`, whole lines, are on disk; rejects when they are not. */
  append(bytes: Buffer, span: Span): Promise<void> {
    return this.inTurn(() => this.commit(bytes, span));
  }

  /** Ends the segment that is being written, and answers all sealed ones, oldest first. */
  seal(): Promise<readonly Segment[]> {
    return this.inTurn(async () => {
      await this.sealActive();
      return this.sealed;
    });
  }

  /** Deletes a sealed segment: what it holds is elsewhere. */
  async remove(segment: Segment): Promise<void> {
    this.sealed = this.sealed.filter((other) => other.path !== segment.path);
    await unlink(segment.path);
  }

  async close(): Promise<void> {
    await this.seal();
  }

  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.last.then(task);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async commit(bytes: Buffer, span: Span): Promise<void> {
    if (this.active !== undefined && !goesOn(this.active, span)) await this.sealActive();
    this.active ??= await this.createSegment(span);
    const { active } = this;
    try {
      await writeWhole(active.fd, bytes, active.bytes);
      await fs.fdatasync(active.fd);
    } catch (cause) {
      // Nobody was told that these bytes are stored. They are cut off, and the file is not written to again: after a
      // failed sync nothing is known about what a second one would promise.
      await fs.ftruncate(active.fd, active.bytes).catch(() => undefined);
      await this.sealActive();
      throw cause;
    }
    active.bytes += bytes.length;
    active.span = joinSpans(active.span, span);
    if (active.span.events >= SEGMENT_EVENTS) await this.sealActive();
  }

  private async createSegment(span: Span): Promise<Active> {
    // Two segments may begin with the same id when the first write to one failed.
    const name = `${span.day}-${String(span.firstId).padStart(16, '0')}-${this.segments++}.ndjson`;
    const path = join(this.directory, name);
    const fd = await fs.open(path, 'wx');
    try {
      await syncDirectory(this.directory);
    } catch (cause) {
      await fs.close(fd);
      throw cause;
    }
    return { fd, path, bytes: 0, span: undefined };
  }

  private async sealActive(): Promise<void> {
    const { active } = this;
    if (active === undefined) return;
    this.active = undefined;
    if (active.span !== undefined) this.sealed = [...this.sealed, { ...active.span, path: active.path }];
    // Everything in it was synced: that it cannot be closed changes nothing about what it holds.
    await fs.close(active.fd).catch(() => undefined);
    if (active.span === undefined) await unlink(active.path).catch(() => undefined);
  }
}

/** Whether the file may go on with `next`. */
function goesOn({ span, bytes }: Active, next: Span): boolean {
  if (span === undefined) return true;
  return span.day === next.day && span.events + next.events <= SEGMENT_EVENTS && bytes < SEGMENT_BYTES;
}

/** What two stretches hold together, the second after the first. */
export function joinSpans(span: Span | undefined, next: Span): Span {
  return {
    day: next.day,
    firstId: span?.firstId ?? next.firstId,
    lastId: next.lastId,
    events: (span?.events ?? 0) + next.events,
    minTime: Math.min(span?.minTime ?? next.minTime, next.minTime),
    maxTime: Math.max(span?.maxTime ?? next.maxTime, next.maxTime),
  };
}

/**
 * Writes all of `bytes`. A few go to the page cache faster than another thread could be asked to put them there, and
 * under load each way there and back waits for a turn of the event loop.
 */
async function writeWhole(fd: number, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const length = bytes.length - done;
    if (length <= WRITE_AT_ONCE_BYTES) done += writeSync(fd, bytes, done, length, position + done);
    else done += (await fs.write(fd, bytes, done, length, position + done)).bytesWritten;
  }
}

/** A new file survives a power cut only when its directory was synced. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await openFile(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * What a segment holds after a crash. Lines that are not whole are taken out: at the tail they were never acknowledged;
 * elsewhere the disk has damaged them, so they are kept beside it for somebody to look at.
 */
async function recoverSegment(path: string, recover: (line: string) => Span | undefined): Promise<Span | undefined> {
  const bytes = await readFile(path);
  const kept: Buffer[] = [];
  const damaged: Buffer[] = [];
  let span: Span | undefined;
  let torn: Buffer | undefined;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const line = bytes.subarray(start, newline === -1 ? bytes.length : newline + 1);
    start += line.length;
    const next = newline === -1 ? undefined : recover(line.toString('utf8'));
    if (next === undefined) {
      torn = torn === undefined ? line : Buffer.concat([torn, line]);
      continue;
    }
    if (torn !== undefined) damaged.push(torn);
    torn = undefined;
    kept.push(line);
    span = joinSpans(span, next);
  }
  if (damaged.length > 0) await appendFile(`${path}.damaged`, Buffer.concat(damaged), { flush: true });
  if (damaged.length > 0 || torn !== undefined) await replaceFile(path, Buffer.concat(kept));
  return span;
}

/** Puts `bytes` in place of what `path` holds, so that a crash leaves either the old or the new. */
async function replaceFile(path: string, bytes: Buffer): Promise<void> {
  await writeFile(`${path}.new`, bytes, { flush: true });
  await rename(`${path}.new`, path);
  await syncDirectory(dirname(path));
}
