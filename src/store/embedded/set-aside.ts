import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import type { Segment, Span } from './journal.ts';
import { RECORD_KEYS } from './tables.ts';

/** Whether an error says that DuckDB refuses what it was given, and not that it could not work. */
export function isRefusal(cause: unknown): boolean {
  return cause instanceof Error && /^(Invalid Input|Conversion|Out of Range|Constraint) Error/.test(cause.message);
}

export interface Salvage {
  /** What a line of the journal holds; undefined when it is no record. */
  spanOf(line: string): Span | undefined;
  /** Whether the day's file has this id, or one after it. */
  isLoaded(id: number): Promise<boolean>;
  /** Loads the one line in `path`, in a transaction of its own. */
  load(path: string, span: Span): Promise<void>;
}

/**
 * Loads a segment that was refused as a whole: line by line, and a refused line event by event, in order. What is refused
 * alone is kept in a file beside the segment, where it holds up nothing and can be looked at.
 * @returns how many events were set aside, where, and why the last of them was
 */
export async function salvage(segment: Segment, parts: Salvage) {
  const path = `${segment.path}.set-aside`;
  let events = 0;
  let reason: unknown;
  const lines = (await readFile(segment.path, 'utf8')).split('\n');
  for (const line of lines) {
    if ((await refusal(segment, parts, line)) === undefined) continue;
    for (const single of singles(line)) {
      const cause = await refusal(segment, parts, single);
      if (cause === undefined) continue;
      await appendFile(path, `${single}\n`, { flush: true });
      events++;
      reason = cause;
    }
  }
  return { events, path, reason };
}

/** Loads a line unless it is loaded already; answers why it was refused. */
async function refusal(segment: Segment, { spanOf, isLoaded, load }: Salvage, line: string): Promise<unknown> {
  const span = spanOf(line);
  if (span === undefined || (await isLoaded(span.lastId))) return undefined;
  // Some of its events were loaded before a crash: as if the line as a whole were refused.
  if (await isLoaded(span.firstId)) return new Error('loaded in part');
  const part = `${segment.path}.part`;
  await writeFile(part, `${line}\n`);
  try {
    await load(part, span);
    return undefined;
  } catch (cause) {
    if (!isRefusal(cause)) throw cause;
    return cause;
  } finally {
    await rm(part, { force: true });
  }
}

/** A record of many events as records of one. */
function singles(line: string): readonly string[] {
  const record = JSON.parse(line) as Record<string, unknown>;
  const { firstId, count } = RECORD_KEYS;
  return Array.from({ length: Number(record[count]) }, (_, index) => {
    const fields = Object.entries(record).map(([key, value]) => [key, Array.isArray(value) ? [value[index]] : value]);
    return JSON.stringify({ ...Object.fromEntries(fields), [firstId]: Number(record[firstId]) + index, [count]: 1 });
  });
}
