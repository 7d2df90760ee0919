import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { FileRecord } from './offsets.ts';
import { type Split, splitLines } from './split-lines.ts';

/** Bytes at the start of a file that tell it from another with the same inode. */
const HEAD_BYTES = 1024;

/** One reading buffer serves all files, one after another. It holds several of the longest lines. */
export const READ_BUFFER_BYTES = 256 * 1024;

/** Where to begin a file that has no record. */
export type Begin = 'start' | 'end';

/**
 * One open file, read line by line. It keeps the file open, so that what was renamed or deleted is still read to its end,
 * and so that its inode is given to no other file meanwhile. Close it with `close()`.
 */
export class FileFollower {
  /** Shared with `Offsets`: its `offset` moves when lines are safe. */
  readonly record: FileRecord;
  /** Since when the file no longer goes by its path: it was rotated away or deleted. Milliseconds since the epoch. */
  detachedAt: number | undefined;
  readonly #handle: FileHandle;
  readonly #birth: string;
  #head: Buffer;
  /** Ahead of `record.offset` by what is read and not yet safe. */
  #position: number;
  #size = -1;
  #modifiedMs = -1;
  /** The size at which all whole lines had been read. */
  #exhausted = -1;

  private constructor(handle: FileHandle, record: FileRecord, birth: string, head: Buffer) {
    this.#handle = handle;
    this.record = record;
    this.#birth = birth;
    this.#head = head;
    this.#position = record.offset;
  }

  /**
   * Opens `path` and finds its record among those of earlier runs: the same inode, and the same first bytes.
   * Resolves to undefined for what cannot be followed: directories, pipes, binary files.
   */
  static async open(path: string, known: readonly FileRecord[], begin: Begin): Promise<FileFollower | undefined> {
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    let opened: FileFollower | undefined;
    try {
      opened = await FileFollower.#adopt(handle, path, known, begin);
    } finally {
      if (opened === undefined) await handle.close();
    }
    return opened;
  }

  static async #adopt(handle: FileHandle, path: string, known: readonly FileRecord[], begin: Begin) {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) return undefined;
    const [inode, birth, size] = [String(stats.ino), String(stats.birthtimeNs), Number(stats.size)];
    const head = await readHead(handle);
    if (isBinary(head)) return undefined;
    const sameInode = known.filter((record) => record.inode === inode);
    const same = sameInode.find((record) => isHeadOf(head, record));
    if (same !== undefined) {
      same.path = path;
      return new FileFollower(handle, same, birth, head.subarray(0, same.head.bytes));
    }
    const generation = sameInode.reduce((most, record) => Math.max(most, record.generation + 1), 0);
    const offset = begin === 'end' ? await lastLineStart(handle, size) : 0;
    const key = fileKey(inode, birth, generation);
    return new FileFollower(handle, { path, inode, key, generation, offset, head: fingerprint(head) }, birth, head);
  }

  /**
   * Looks whether the file changed; one that was truncated begins anew. Resolves to whether there may be whole lines to
   * read. Only to be called when everything read before is safe or given back with `rewind()`.
   */
  async check(): Promise<boolean> {
    const { size, mtimeMs } = await this.#handle.stat();
    if (size !== this.#size || mtimeMs !== this.#modifiedMs) {
      this.#size = size;
      this.#modifiedMs = mtimeMs;
      // A file may be truncated and grow past our position between two looks: its first bytes tell.
      if (size < this.#position || !(await this.#headIsTheSame())) await this.#restart();
    }
    return size > this.#position && size !== this.#exhausted;
  }

  /** The next lines, at most `maxLines`. `final`: nothing more will be written, so a last line needs no newline. */
  async read(buffer: Buffer, maxLines: number, final = false): Promise<Split> {
    const { bytesRead } = await this.#handle.read(buffer, 0, READ_BUFFER_BYTES, this.#position);
    const end = this.#position + bytesRead;
    const atEnd = end >= this.#size;
    const split = splitLines(buffer.subarray(0, bytesRead), this.#position, maxLines, final && atEnd);
    this.#position = split.end;
    this.#exhausted = atEnd && split.lines.length < maxLines ? end : -1;
    return split;
  }

  /** Goes back to what is safe: lines that were read could not be handed on. */
  rewind(): void {
    this.#position = this.record.offset;
    this.#exhausted = -1;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #restart(): Promise<void> {
    const { record } = this;
    record.generation += 1;
    record.key = fileKey(record.inode, this.#birth, record.generation);
    record.offset = 0;
    this.rewind();
    this.#setHead(await readHead(this.#handle));
  }

  async #headIsTheSame(): Promise<boolean> {
    const head = await readHead(this.#handle);
    if (!startsWith(head, this.#head)) return false;
    if (head.length > this.#head.length) this.#setHead(head);
    return true;
  }

  #setHead(head: Buffer): void {
    this.#head = head;
    this.record.head = fingerprint(head);
  }
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.subarray(0, start.length).equals(start);
}

function fingerprint(head: Buffer): FileRecord['head'] {
  return { bytes: head.length, sha256: createHash('sha256').update(head).digest('hex') };
}

/** Whether a file that begins with `head` is the one the record is of. */
function isHeadOf(head: Buffer, { head: { bytes, sha256 } }: FileRecord): boolean {
  return head.length >= bytes && fingerprint(head.subarray(0, bytes)).sha256 === sha256;
}

async function readHead(handle: FileHandle): Promise<Buffer> {
  const head = Buffer.alloc(HEAD_BYTES);
  const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
  return head.subarray(0, bytesRead);
}

/** Reading from the end begins with the line that is being written, if there is one. */
async function lastLineStart(handle: FileHandle, size: number): Promise<number> {
  const length = Math.min(size, READ_BUFFER_BYTES);
  const tail = Buffer.alloc(length);
  const { bytesRead } = await handle.read(tail, 0, length, size - length);
  const newline = tail.subarray(0, bytesRead).lastIndexOf(0x0a);
  return newline === -1 && length < size ? size : size - length + newline + 1;
}

/** First bytes of gzip, xz, zstd, bzip2 and zip. */
const COMPRESSED = ['1f8b', 'fd377a585a', '28b52ffd', '425a68', '504b0304'].map((magic) => Buffer.from(magic, 'hex'));

/** Compressed files, and files with NULs that are not the hole of a truncation at their start. */
function isBinary(head: Buffer): boolean {
  if (COMPRESSED.some((magic) => startsWith(head, magic))) return true;
  const text = head.findIndex((byte) => byte !== 0);
  return text !== -1 && head.includes(0, text);
}

/**
 * Names a file in the ids of its events, the same after a restart even if the records were lost, so that what is sent
 * again is recognised. The host is part of it because inodes of two machines are alike.
 */
function fileKey(inode: string, birth: string, generation: number): string {
  return createHash('sha256').update(`${hostname()}\n${inode}\n${birth}\n${generation}`).digest('hex').slice(0, 32);
}
