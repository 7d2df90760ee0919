import { closeSync, openSync, readSync } from 'node:fs';
import { open, rm, truncate } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Need } from './filter-need.ts';
import { DIRECTORY_BYTES, mayHave } from './word-set.ts';

/** Rows of one day's file, and what words they have. */
export interface Block {
  readonly firstId: number;
  readonly lastId: number;
  readonly rows: number;
  /** The range of the rows' own times, in milliseconds since the epoch. */
  readonly minTime: number;
  readonly maxTime: number;
}

interface StoredBlock extends Block {
  readonly directory: Buffer;
  /** Where its buckets begin in the file. */
  readonly at: number;
}

/** First id of the day's file (the file it belongs to), then the version of what a word is. */
const HEAD_BYTES = 16;
const VERSION = 1;
/** Five numbers, the bytes of the buckets, the checksum of all before it and of the directory. */
const BLOCK_BYTES = 5 * 8 + 4 + 4;

/**
 * The words of a day's rows, block by block, in a file beside the day's: `head, (block, directory, buckets)*`. It only
 * says where nothing can be, and is made anew from the rows when it is missing: so nothing of it is synced, and what does
 * not fit its checksum is as if it were not there. The blocks are known in memory, their words are read when asked for.
 */
export class WordFile {
  readonly path: string;
  private readonly firstId: number;
  private stored: StoredBlock[] = [];
  private end = HEAD_BYTES;
  private fd: number | undefined;

  private constructor(path: string, firstId: number) {
    this.path = path;
    this.firstId = firstId;
  }

  /** Reads what the file says of rows `firstId` to `lastId` of its day; anything else in it is forgotten. */
  static async open(path: string, firstId: number, lastId: number): Promise<WordFile> {
    const file = new WordFile(path, firstId);
    await file.read(lastId);
    return file;
  }

  /** The blocks, in the order of their ids: every row up to the last id of the last block is in one. */
  get blocks(): readonly Block[] {
    return this.stored;
  }

  get lastId(): number {
    return this.stored.at(-1)?.lastId ?? 0;
  }

  /** Adds a block behind the others; `words` is what a `WordSetWriter` has written. */
  async append(block: Block, words: Buffer): Promise<void> {
    const directory = Buffer.from(words.subarray(0, DIRECTORY_BYTES));
    const bytes = Buffer.concat([encodeBlock(block, directory, words.length - DIRECTORY_BYTES), words]);
    const handle = await open(this.path, this.stored.length === 0 ? 'w' : 'r+');
    try {
      if (this.stored.length === 0) await handle.write(this.head(), 0, HEAD_BYTES, 0);
      await handle.write(bytes, 0, bytes.length, this.end);
    } finally {
      await handle.close();
    }
    this.stored = [...this.stored, { ...block, directory, at: this.end + BLOCK_BYTES + DIRECTORY_BYTES }];
    this.end += bytes.length;
  }

  /** The blocks of which a row may have what is needed. */
  candidates(need: Need): readonly Block[] {
    return this.stored.filter((block) => this.mayHold(block, need));
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  /** Lets go of the file and deletes it. */
  async remove(): Promise<void> {
    this.close();
    this.stored = [];
    this.end = HEAD_BYTES;
    await rm(this.path, { force: true });
  }

  private mayHold(block: StoredBlock, need: Need): boolean {
    switch (need.op) {
      case 'all':
        return need.needs.every((inner) => this.mayHold(block, inner));
      case 'any':
        return need.needs.some((inner) => this.mayHold(block, inner));
      case 'id':
        return need.id >= block.firstId && need.id <= block.lastId;
      case 'time':
        return block.maxTime >= need.from && block.minTime <= need.to;
      case 'word':
        return this.mayHaveWord(block, need.word);
    }
  }

  private mayHaveWord({ directory, at }: StoredBlock, word: number): boolean {
    try {
      // From the page cache this takes 2 µs; asking another thread for it takes ten times as long.
      this.fd ??= openSync(this.path, 'r');
      const { fd } = this;
      return mayHave(directory, word, (start, end) => {
        const bytes = Buffer.allocUnsafe(end - start);
        return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, at + start));
      });
    } catch {
      return true;
    }
  }

  private async read(lastId: number): Promise<void> {
    const handle = await open(this.path, 'r').catch(() => undefined);
    if (handle === undefined) return;
    try {
      const { size } = await handle.stat();
      const head = Buffer.alloc(HEAD_BYTES);
      await handle.read(head, 0, HEAD_BYTES, 0);
      if (!head.equals(this.head())) return;
      const bytes = Buffer.alloc(BLOCK_BYTES + DIRECTORY_BYTES);
      while (this.end + bytes.length <= size) {
        await handle.read(bytes, 0, bytes.length, this.end);
        const block = decodeBlock(bytes, this.end);
        const end = block === undefined ? size + 1 : block.at + block.bytes;
        if (block === undefined || end > size || block.lastId > lastId) break;
        this.stored.push(block);
        this.end = end;
      }
      if (this.end < size) await truncate(this.path, this.end);
    } finally {
      await handle.close();
    }
  }

  private head(): Buffer {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeDoubleLE(this.firstId, 0);
    head.writeUInt32LE(VERSION, 8);
    return head;
  }
}

function encodeBlock(block: Block, directory: Buffer, bucketBytes: number): Buffer {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  [block.firstId, block.lastId, block.rows, block.minTime, block.maxTime].forEach((number, index) => {
    bytes.writeDoubleLE(number, index * 8);
  });
  bytes.writeUInt32LE(bucketBytes, BLOCK_BYTES - 8);
  bytes.writeUInt32LE(crc32(directory, crc32(bytes.subarray(0, BLOCK_BYTES - 4))), BLOCK_BYTES - 4);
  return bytes;
}

/** A block as it lies at `start`; undefined when it is damaged. */
function decodeBlock(bytes: Buffer, start: number): (StoredBlock & { readonly bytes: number }) | undefined {
  const directory = Buffer.from(bytes.subarray(BLOCK_BYTES));
  if (crc32(directory, crc32(bytes.subarray(0, BLOCK_BYTES - 4))) !== bytes.readUInt32LE(BLOCK_BYTES - 4))
    return undefined;
  const number = (index: number) => bytes.readDoubleLE(index * 8);
  return {
    firstId: number(0),
    lastId: number(1),
    rows: number(2),
    minTime: number(3),
    maxTime: number(4),
    directory,
    at: start + BLOCK_BYTES + DIRECTORY_BYTES,
    bytes: bytes.readUInt32LE(BLOCK_BYTES - 8),
  };
}
