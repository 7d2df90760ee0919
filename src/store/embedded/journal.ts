import { close, fdatasync, fsync, ftruncate, open, write } from 'node:fs';
import { appendFile, mkdir, open as openFile, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

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

interface Waiter {
  resolve(): void;
  reject(cause: unknown): void;
}

interface Entry extends Waiter {
  readonly bytes: Buffer;
  readonly span: Span;
}

/**
 * Where events are made durable: files of lines that only grow. What is appended while a write is under way shares the
 * next one and its `fdatasync`.
 */
export class Journal {
  private readonly directory: string;
  private pending: Entry[] = [];
  private flushing: Promise<void> | undefined;
  private active: { readonly fd: number; readonly path: string; bytes: number; span: Span | undefined } | undefined;
  private sealed: Segment[] = [];
  private sealers: Waiter[] = [];
  private segments = 0;
  /** Events of the write that is under way. */
  private writing = 0;

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
      else journal.sealed.push({ ...span, path });
    }
    return journal;
  }

  /** How many events the segment that the next append goes to will take. More than that is for the one after it. */
  get room(): number {
    const waiting = this.pending.reduce((sum, { span }) => sum + span.events, 0);
    return SEGMENT_EVENTS - (((this.active?.span?.events ?? 0) + this.writing + waiting) % SEGMENT_EVENTS);
  }

  /** The segments that are not written to any more, oldest first. */
  get full(): readonly Segment[] {
    return this.sealed;
  }

  /** Resolves when `bytes`, whole lines, are on disk. Appends become durable in the order of the calls. */
  append(bytes: Buffer, span: Span): Promise<void> {
    return new Promise((resolve, reject) => {
      this.pending.push({ bytes, span, resolve, reject });
      this.flushing ??= this.flush();
    });
  }

  /** Ends the segment that is being written, and answers all sealed ones, oldest first. */
  async seal(): Promise<readonly Segment[]> {
    await new Promise<void>((resolve, reject) => {
      this.sealers.push({ resolve, reject });
      this.flushing ??= this.flush();
    });
    return [...this.sealed];
  }

  /** Deletes a sealed segment: what it holds is elsewhere. */
  async remove(segment: Segment): Promise<void> {
    this.sealed = this.sealed.filter((other) => other.path !== segment.path);
    await unlink(segment.path);
  }

  async close(): Promise<void> {
    await this.seal();
  }

  private async flush(): Promise<void> {
    while (this.sealers.length > 0 || this.pending.length > 0) {
      const sealers = this.sealers;
      this.sealers = [];
      if (sealers.length > 0) await settle(sealers, () => this.sealActive());
      const group = takeGroup(this.pending, SEGMENT_EVENTS - (this.active?.span?.events ?? 0));
      this.pending = this.pending.slice(group.length);
      this.writing = group.reduce((sum, { span }) => sum + span.events, 0);
      if (group.length > 0) await settle(group, () => this.commit(group));
      this.writing = 0;
    }
    this.flushing = undefined;
  }

  private async commit(group: readonly Entry[]): Promise<void> {
    const [first] = group;
    if (first === undefined) throw new Error('BUG: an empty group');
    if (this.active?.span !== undefined && !goesOn(this.active.span, first.span)) await this.sealActive();
    this.active ??= await this.createSegment(first.span);
    const { active } = this;
    const bytes = group.length === 1 ? first.bytes : Buffer.concat(group.map((entry) => entry.bytes));
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
    active.span = group.reduce<Span | undefined>((span, entry) => joinSpans(span, entry.span), active.span);
    if (active.span !== undefined && active.span.events >= SEGMENT_EVENTS) await this.sealActive();
  }

  private async createSegment(span: Span) {
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
    await fs.close(active.fd);
    if (active.span === undefined) await unlink(active.path).catch(() => undefined);
    else this.sealed.push({ ...active.span, path: active.path });
  }
}

/** Tells everyone who waits what became of `task`. */
async function settle(waiters: readonly Waiter[], task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (cause) {
    for (const waiter of waiters) waiter.reject(cause);
    return;
  }
  for (const waiter of waiters) waiter.resolve();
}

/** The entries at the head that can be written together: of one day, and within the segment's room if any is. */
function takeGroup(pending: readonly Entry[], room: number): readonly Entry[] {
  const [first] = pending;
  if (first === undefined) return [];
  const limit = first.span.events > room ? SEGMENT_EVENTS : room;
  let end = 1;
  let events = first.span.events;
  for (let entry = pending[end]; entry !== undefined && entry.span.day === first.span.day; entry = pending[++end]) {
    events += entry.span.events;
    if (events > limit) break;
  }
  return pending.slice(0, end);
}

/** Whether a segment that holds `span` may go on with `next`. */
function goesOn(span: Span, next: Span): boolean {
  return span.day === next.day && span.events + next.events <= SEGMENT_EVENTS;
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

async function writeWhole(fd: number, bytes: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await fs.write(fd, bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
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
