import { type FileHandle, mkdir, open, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { BATCH_BYTES, BATCH_EVENTS } from './batch.ts';
import { replaceFile, syncDirectory } from './durable-file.ts';

/** A part of the buffer that is sent at once. */
export interface Segment {
  readonly id: number;
  readonly events: readonly string[];
}

interface SegmentFile {
  readonly id: number;
  bytes: number;
  events: number;
}

const DROPPED_NAME = 'dropped.json';
const SEGMENT_NAME = /^(\d{1,15})\.ndjson$/;

/**
 * Events that wait on disk for the server, oldest first, in files of one batch each. `append` resolves when they would
 * survive a power cut. Past its bound the oldest file goes, and what it held is counted. Close it with `close()`.
 */
export class DiskBuffer {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #segments: SegmentFile[];
  #tail: FileHandle | undefined;
  #nextId: number;
  #bytes: number;
  #dropped: number;
  /** The segment that is being sent: it is not the one to drop. */
  #sending: number | undefined;
  #busy: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, maxBytes: number, segments: SegmentFile[], dropped: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#segments = segments;
    this.#nextId = (segments.at(-1)?.id ?? 0) + 1;
    this.#bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
    this.#dropped = dropped;
  }

  /** Opens the buffer in `directory`, with what an earlier run left in it. A line cut short by a crash is dropped: it was never safe. */
  static async open(directory: string, maxBytes: number): Promise<DiskBuffer> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const ids = (await readdir(directory)).flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? []).map(Number);
    const segments: SegmentFile[] = [];
    for (const id of ids.sort((a, b) => a - b)) {
      const segment = await recover(segmentPath(directory, id), id);
      if (segment !== undefined) segments.push(segment);
    }
    return new DiskBuffer(directory, maxBytes, segments, await readDropped(directory));
  }

  get empty(): boolean {
    return this.#segments.length === 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Events that were dropped for want of room and not yet reported. */
  get dropped(): number {
    return this.#dropped;
  }

  /** From here on, what can wait elsewhere should: the rest is room for what cannot. */
  get nearlyFull(): boolean {
    return this.#bytes >= (this.#maxBytes / 8) * 7;
  }

  /** Adds events at the end, at most a batch of them. Rejects, and adds none, when the disk does not take them. */
  append(events: readonly string[]): Promise<void> {
    return this.#exclusively(() => this.#append(events));
  }

  /** The oldest events, to be sent and then removed. Later ones are appended behind them. */
  oldest(): Promise<Segment | undefined> {
    return this.#exclusively(() => this.#oldest());
  }

  /** Removes a segment that has arrived. */
  remove(id: number): Promise<void> {
    return this.#exclusively(async () => {
      this.#sending = undefined;
      const index = this.#segments.findIndex((segment) => segment.id === id);
      if (index !== -1) await this.#delete(index);
    });
  }

  /** `count` of the dropped events have been reported. */
  reported(count: number): Promise<void> {
    return this.#exclusively(() => this.#countDropped(-count));
  }

  close(): Promise<void> {
    return this.#exclusively(() => this.#seal());
  }

  /** One operation after another: sending reads and removes at one end while lines are added at the other. */
  #exclusively<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#busy.then(operation);
    this.#busy = result.catch(() => undefined);
    return result;
  }

  async #append(events: readonly string[]): Promise<void> {
    const text = Buffer.from(events.map((event) => `${event}\n`).join(''));
    const segment = await this.#tailFor(events.length);
    const file = this.#tail;
    if (file === undefined) throw new Error('BUG: the buffer has no file to append to');
    try {
      await file.appendFile(text);
      await file.datasync();
    } catch (error) {
      await file.truncate(segment.bytes).catch(() => undefined);
      await this.#seal();
      throw error;
    }
    segment.bytes += text.length;
    segment.events += events.length;
    this.#bytes += text.length;
    await this.#keepBound();
  }

  async #oldest(): Promise<Segment | undefined> {
    const [segment] = this.#segments;
    if (segment === undefined) return undefined;
    if (this.#segments.length === 1) await this.#seal();
    this.#sending = segment.id;
    const text = await readFile(segmentPath(this.#directory, segment.id), 'utf8');
    return { id: segment.id, events: text.split('\n').filter((line) => line !== '') };
  }

  /** The last file, or a new one where it is sealed or full. */
  async #tailFor(events: number): Promise<SegmentFile> {
    const last = this.#segments.at(-1);
    if (last !== undefined && this.#tail !== undefined) {
      if (last.events + events <= BATCH_EVENTS && last.bytes < BATCH_BYTES) return last;
      await this.#seal();
    }
    const segment = { id: this.#nextId++, bytes: 0, events: 0 };
    this.#tail = await open(segmentPath(this.#directory, segment.id), 'a', 0o600);
    this.#segments.push(segment);
    await syncDirectory(this.#directory);
    return segment;
  }

  async #seal(): Promise<void> {
    const tail = this.#tail;
    this.#tail = undefined;
    await tail?.close();
  }

  async #keepBound(): Promise<void> {
    while (this.#bytes > this.#maxBytes) {
      const index = this.#segments.findIndex((segment) => segment.id !== this.#sending);
      const oldest = this.#segments[index];
      if (oldest === undefined || this.#segments.length < 2) return;
      // The last file is still written to; it goes only when it alone is too large, which its own bound prevents.
      if (index === this.#segments.length - 1) return;
      await this.#countDropped(oldest.events);
      await this.#delete(index);
    }
  }

  async #delete(index: number): Promise<void> {
    const [segment] = this.#segments.splice(index, 1);
    if (segment === undefined) return;
    this.#bytes -= segment.bytes;
    await rm(segmentPath(this.#directory, segment.id), { force: true });
  }

  async #countDropped(more: number): Promise<void> {
    this.#dropped += more;
    await replaceFile(join(this.#directory, DROPPED_NAME), `${JSON.stringify({ dropped: this.#dropped })}\n`);
  }
}

function segmentPath(directory: string, id: number): string {
  return join(directory, `${String(id).padStart(10, '0')}.ndjson`);
}

async function recover(path: string, id: number): Promise<SegmentFile | undefined> {
  const bytes = await readFile(path);
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole === 0) {
    await rm(path);
    return undefined;
  }
  if (whole < bytes.length) await truncate(path, whole);
  return {
    id,
    bytes: whole,
    events: bytes.subarray(0, whole).reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0),
  };
}

async function readDropped(directory: string): Promise<number> {
  const text = await readFile(join(directory, DROPPED_NAME), 'utf8').catch(() => '{}');
  const { dropped }: { dropped?: unknown } = JSON.parse(text);
  return typeof dropped === 'number' ? dropped : 0;
}
