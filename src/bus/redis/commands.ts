import type { Redis } from 'ioredis';
import { type Entry, readEntries } from './entry.ts';
import { START, type StreamId } from './stream-id.ts';

/** Entries that are read at a time: together at most some MiB, as each is. */
const READ_ENTRIES = 32;
/** How long a read waits for an entry: so long at most until a lost stream is noticed where nothing comes. */
export const BLOCK_MS = 2000;

/** Whether an entry is there, without its body. */
const HAS_ENTRY = `return #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])`;

interface Read {
  /** Whether the stream has still what was read last, and so all that came after it. */
  readonly whole: boolean;
  readonly entries: readonly Entry[];
}

/** Waits for what comes after `after`. Rejects when the connection is lost. */
export async function readAfter(redis: Redis, stream: string, after: StreamId): Promise<Read> {
  const answers = await redis
    .pipeline()
    .eval(HAS_ENTRY, 1, stream, after)
    .xread('COUNT', READ_ENTRIES, 'BLOCK', BLOCK_MS, 'STREAMS', stream, after)
    .exec();
  const [has, read] = answers ?? [];
  const error = has?.[0] ?? read?.[0];
  if (error || has === undefined || read === undefined) throw error ?? new Error('Redis has not answered');
  const [[, found] = [stream, []]] = (read[1] ?? []) as XReadAnswer;
  return { whole: after === START || has[1] === 1, entries: readEntries(found) };
}

/** What is kept after `after`, the oldest first; less than that many are all of it. */
export async function rangeAfter(redis: Redis, stream: string, after: StreamId): Promise<Page> {
  const found = await redis.xrange(stream, `(${after}`, '+', 'COUNT', READ_ENTRIES);
  return { entries: readEntries(found), last: found.length < READ_ENTRIES };
}

/** The id of the newest entry; `START` when there is none. */
export async function newestId(redis: Redis, stream: string): Promise<StreamId> {
  const [newest] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
  return newest?.[0] ?? START;
}

/** Whether nothing that came after `position` has been forgotten. */
export async function isWholeAfter(redis: Redis, stream: string, position: StreamId): Promise<boolean> {
  if (position !== START) return (await redis.eval(HAS_ENTRY, 1, stream, position)) === 1;
  const figures = await redis.xinfo('STREAM', stream).catch((error: Error) => {
    if (/no such key/.test(error.message)) return [];
    throw error;
  });
  const [length = 0, added = 0] = ['length', 'entries-added'].map((name) => figureOf(figures, name));
  return added <= length;
}

type XReadAnswer = readonly (readonly [stream: string, entries: readonly (readonly [string, readonly string[]])[]])[];

interface Page {
  readonly entries: readonly Entry[];
  readonly last: boolean;
}

/** Names and values in turn, as Redis answers them. */
function figureOf(figures: unknown, name: string): number {
  if (!Array.isArray(figures)) return 0;
  return Number(figures[figures.indexOf(name) + 1] ?? 0) || 0;
}
