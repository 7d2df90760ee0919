import { crc32 } from 'node:zlib';

/**
 * A set of words as numbers below RANGE, in about 10 bits each when a block of rows has some 25,000 of them. What was
 * added is always found; what was not is found by chance, at a share of `size / RANGE`: 0.3 % for as many.
 */
export const RANGE = 1 << 23;

/** A lookup reads one of these, some 250 bytes. */
const BUCKETS = 128;
const BUCKET_RANGE = RANGE / BUCKETS;
/** Bytes a bucket takes at most before its end, when the largest gap comes last. */
const BUCKET_SLACK = 8;

/** Where each bucket ends (32 bits each), their checksums (the same), and the width of the codes (one byte). */
export const DIRECTORY_BYTES = BUCKETS * 8 + 1;

/** Collects numbers, and writes them in order as the gaps between them. */
export class WordSetWriter {
  private readonly bits = new Uint32Array(RANGE / 32);

  add(word: number): void {
    const slot = word >>> 5;
    this.bits[slot] = (this.bits[slot] as number) | (1 << (word & 31));
  }

  /** The directory and the buckets behind it; the writer is empty again. */
  take(): Buffer {
    const { bits } = this;
    let count = 0;
    for (const slot of bits) count += ones(slot);
    // Rice codes: the low bits of a gap as they are, the rest as a run of ones.
    const width = Math.floor(Math.log2(RANGE / Math.max(1, count)));
    const out = Buffer.alloc(DIRECTORY_BYTES + Math.ceil((count * (width + 3)) / 8) + BUCKETS * BUCKET_SLACK);
    out[DIRECTORY_BYTES - 1] = width;
    let end = DIRECTORY_BYTES;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const start = end;
      let at = start * 8;
      let last = bucket * BUCKET_RANGE - 1;
      for (let slot = (bucket * BUCKET_RANGE) / 32; slot < ((bucket + 1) * BUCKET_RANGE) / 32; slot++) {
        for (let rest = bits[slot] as number; rest !== 0; rest &= rest - 1) {
          const word = slot * 32 + (31 - Math.clz32(rest & -rest));
          const gap = word - last - 1;
          last = word;
          for (let more = gap >>> width; more > 0; more--) set(out, at++);
          at++;
          writeBits(out, at, gap, width);
          at += width;
        }
      }
      // The rest of the last byte is ones: they never end, and so are no number.
      while (at % 8 !== 0) set(out, at++);
      end = at / 8;
      out.writeUInt32LE(end - DIRECTORY_BYTES, bucket * 4);
      out.writeUInt32LE(crc32(out.subarray(start, end)), (BUCKETS + bucket) * 4);
    }
    bits.fill(0);
    return out.subarray(0, end);
  }
}

/** How many bits of a number of 32 are set. */
function ones(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The lowest `width` bits of a number, to bytes that are still zero there. */
function writeBits(bytes: Buffer, at: number, value: number, width: number): void {
  let left = width;
  while (left > 0) {
    const room = 8 - (at & 7);
    const taken = Math.min(room, left);
    left -= taken;
    const part = (value >>> left) & ((1 << taken) - 1);
    bytes[at >>> 3] = (bytes[at >>> 3] as number) | (part << (room - taken));
    at += taken;
  }
}

function set(bytes: Buffer, bit: number): void {
  bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) | (0x80 >>> (bit & 7));
}

/**
 * Whether a set may have a word. `read` gives the bytes of the buckets from `start` to `end`; what does not fit its
 * checksum may hold anything.
 */
export function mayHave(directory: Buffer, word: number, read: (start: number, end: number) => Buffer): boolean {
  const bucket = Math.floor(word / BUCKET_RANGE);
  const start = bucket === 0 ? 0 : directory.readUInt32LE((bucket - 1) * 4);
  const bytes = read(start, directory.readUInt32LE(bucket * 4));
  if (crc32(bytes) !== directory.readUInt32LE((BUCKETS + bucket) * 4)) return true;
  return hasGap(bytes, directory[DIRECTORY_BYTES - 1] ?? 0, word - bucket * BUCKET_RANGE);
}

/** Adds gaps up until they reach `wanted`. */
function hasGap(bytes: Buffer, width: number, wanted: number): boolean {
  const bits = bytes.length * 8;
  let at = 0;
  let value = -1;
  for (;;) {
    let gap = 0;
    let ones = Math.clz32(~peek(bytes, at));
    // A code of more than 24 ones goes on.
    for (; ones >= PEEK_BITS; ones = Math.clz32(~peek(bytes, at))) {
      gap += PEEK_BITS;
      at += PEEK_BITS;
      if (at >= bits) return false;
    }
    gap += ones;
    at += ones + 1;
    if (at + width > bits) return false;
    if (width > 0) gap = (gap << width) | (peek(bytes, at) >>> (32 - width));
    at += width;
    value += gap + 1;
    if (value >= wanted) return value === wanted;
  }
}

/** How many bits `peek` sees at least; widths are smaller. */
const PEEK_BITS = 24;

/** The bits from `at` on, the first of them the highest; ones behind the end. */
function peek(bytes: Buffer, at: number): number {
  const byte = at >>> 3;
  const word =
    ((bytes[byte] ?? 0xff) << 24) |
    ((bytes[byte + 1] ?? 0xff) << 16) |
    ((bytes[byte + 2] ?? 0xff) << 8) |
    (bytes[byte + 3] ?? 0xff);
  return word << (at & 7);
}
