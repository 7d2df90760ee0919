import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './durable-file.ts';

/** How far one file has been read and made safe. It survives restarts, and finds the file again under another name. */
export interface FileRecord {
  path: string;
  /** Decimal, because it may exceed what a number holds. */
  readonly inode: string;
  /** Starts the ids of the file's events; another after each truncation, because offsets begin anew. */
  key: string;
  /** Times the file was seen truncated. */
  generation: number;
  /** Everything before this byte was acknowledged by the server or is in the disk buffer. */
  offset: number;
  /** Of the first bytes: an inode alone may have been given to another file. */
  head: { readonly bytes: number; readonly sha256: string };
}

interface Saved {
  readonly version: 1;
  /** Milliseconds since the epoch: a file born later appeared while nobody looked. */
  readonly savedAt: number;
  readonly files: readonly FileRecord[];
}

const FILE_NAME = 'offsets.json';

/** The records of all followed files, kept in one small file of the state directory. */
export class Offsets {
  readonly #path: string;
  readonly #records: Set<FileRecord>;
  readonly savedAt: number | undefined;
  #changed = false;

  private constructor(path: string, saved: Saved | undefined) {
    this.#path = path;
    this.savedAt = saved?.savedAt;
    this.#records = new Set(saved?.files);
  }

  /** Reads what an earlier run left. Throws an Error that names the file when it is not ours or is damaged. */
  static async open(directory: string): Promise<Offsets> {
    const path = join(directory, FILE_NAME);
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    return new Offsets(path, text === undefined ? undefined : parseSaved(path, text));
  }

  all(): readonly FileRecord[] {
    return [...this.#records];
  }

  /** Keeps a record from now on. */
  add(record: FileRecord): void {
    this.#records.add(record);
    this.#changed = true;
  }

  forget(record: FileRecord): void {
    this.#changed = this.#records.delete(record) || this.#changed;
  }

  /** Everything before `offset` is safe. */
  advance(record: FileRecord, offset: number): void {
    record.offset = offset;
    this.#changed = true;
  }

  /** Writes the file if something changed. */
  async save(now: number): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    const saved: Saved = { version: 1, savedAt: now, files: this.all() };
    try {
      await replaceFile(this.#path, `${JSON.stringify(saved, undefined, 1)}\n`);
    } catch (error) {
      this.#changed = true;
      throw error;
    }
  }
}

function parseSaved(path: string, text: string): Saved {
  try {
    const saved: unknown = JSON.parse(text);
    if (isSaved(saved)) return saved;
  } catch {
    // Reported below, with what can be done.
  }
  throw new Error(`${path} is damaged; remove it to start anew (files are then read from their end, or --from-start)`);
}

function isSaved(value: unknown): value is Saved {
  return (
    isObject(value) &&
    value.version === 1 &&
    typeof value.savedAt === 'number' &&
    Array.isArray(value.files) &&
    value.files.every(isRecord)
  );
}

function isRecord(value: unknown): value is FileRecord {
  return (
    isObject(value) &&
    ['path', 'inode', 'key'].every((field) => typeof value[field] === 'string') &&
    ['generation', 'offset'].every((field) => Number.isSafeInteger(value[field])) &&
    isObject(value.head) &&
    Number.isSafeInteger(value.head.bytes) &&
    typeof value.head.sha256 === 'string'
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
