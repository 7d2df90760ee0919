import { LIMITS } from '../../schemas/limits.ts';

/** One line of a file, or a piece of a line that is too long for one event. Offsets are bytes from the start of the file. */
export interface FileLine {
  readonly text: string;
  readonly offset: number;
  /** Where the next line starts: once this line is safe, everything before it is. */
  readonly end: number;
  /** The line goes on in the next one: it was split. */
  readonly continues: boolean;
}

/** Longer lines are split: a message holds no more. */
export const MAX_LINE_BYTES = LIMITS.message;

const NEWLINE = 0x0a;
const decoder = new TextDecoder('utf-8', { ignoreBOM: false });

/**
 * The lines in `bytes`, which start at `offset` of their file. A last line without its newline is left for later, unless
 * `final` says that nothing will follow or it is already too long. Invalid UTF-8 becomes U+FFFD; empty lines are passed over.
 */
export function splitLines(bytes: Uint8Array, offset: number, maxLines: number, final = false): Split {
  const lines: FileLine[] = [];
  let start = 0;
  while (start < bytes.length && lines.length < maxLines) {
    const newline = bytes.indexOf(NEWLINE, start);
    const length = (newline === -1 ? bytes.length : newline) - start;
    if (newline === -1 && length <= MAX_LINE_BYTES && !final) break;
    const continues = length > MAX_LINE_BYTES;
    const end = continues ? characterBoundary(bytes, start, start + MAX_LINE_BYTES) : start + length;
    const next = continues || newline === -1 ? end : end + 1;
    const text = inertText(bytes.subarray(start, end));
    if (text !== '') lines.push({ text, offset: offset + start, end: offset + next, continues });
    start = next;
  }
  return { lines, end: offset + start };
}

export interface Split {
  readonly lines: readonly FileLine[];
  /** Where to read on. */
  readonly end: number;
}

/** The last place up to `end` that does not cut a UTF-8 character in two. */
function characterBoundary(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end; at > end - 4 && at > start; at--) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  return end;
}

function inertText(bytes: Uint8Array): string {
  // NULs at the start are the hole that a truncation leaves before a writer that keeps its own position.
  const text = decoder.decode(bytes).replace(/\r$/, '').replace(/^\0+/, '');
  // Only replaced bytes make a text longer than its bytes were.
  if (text.length * 3 <= MAX_LINE_BYTES || Buffer.byteLength(text) <= MAX_LINE_BYTES) return text;
  return `${text.slice(0, Math.floor(MAX_LINE_BYTES / 3) - CUT_MARK.length)}${CUT_MARK}`;
}

const CUT_MARK = ' [cut]';
