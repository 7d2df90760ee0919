import type { Kind } from '../../../schemas/event.ts';
import type { StoredEvent } from '../../core/event.ts';
import { all } from '../../core/filter.ts';
import type { Cursor, ScanQuery } from '../store.ts';
import type { Read } from './engine.ts';
import { filterSql } from './filter-sql.ts';
import { afterSql } from './page-query.ts';
import { type Partition, partitionsFor, timeBounds } from './partition.ts';
import { decodeRow, selectList } from './tables.ts';

/** Events of a batch at most: enough that a query for each costs little, few enough to be decoded within a turn. */
const BATCH_EVENTS = 8_000;
/** How full a look is meant to be: one that overflows is followed by half as wide ones. */
const FULL = 0.8;

/** Asks all partitions as they are at the moment. */
type Ask = <T>(ask: (read: Read, partitions: readonly Partition[]) => Promise<T>) => Promise<T>;

/** A stretch of time, both ends included, in milliseconds since the epoch. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Every matching event in order. It goes through time in stretches that hold about a batch each, and asks for one after
 * the other: nothing has to be sorted as a whole, and no reader is held while the taker thinks.
 */
export async function* scanEvents<K extends Kind>(
  ask: Ask,
  query: ScanQuery<K>,
): AsyncGenerator<readonly StoredEvent<K>[]> {
  const ascending = query.order === 'asc';
  const reach = await ask(async (_, partitions) => reachOf(partitions, query));
  if (reach === undefined) return;
  let { from, to } = reach;
  let { width } = reach;
  let { after } = query;
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  while (from <= to && left > 0) {
    const stretch: Stretch = ascending
      ? { from, to: Math.min(to, Math.ceil(from + width)) }
      : { from: Math.max(from, Math.floor(to - width)), to };
    const wanted = Math.min(BATCH_EVENTS, left);
    const events = await ask((read, partitions) => eventsIn(read, partitions, query, stretch, after, wanted));
    const last = events.at(-1);
    if (last !== undefined) {
      left -= events.length;
      after = { timestamp: last.timestamp, id: last.id };
      yield events;
    }
    const isFull = events.length === wanted && last !== undefined;
    if (ascending) from = isFull ? last.timestamp : stretch.to + 1;
    else to = isFull ? last.timestamp : stretch.from - 1;
    // Wider where little is found; narrower where one look has not seen the end of it.
    if (isFull) width /= 2;
    else if (events.length < wanted / 2) width = Math.max(1, width) * 4;
  }
}

/** The time that a scan has to go through, and how much of it may hold a batch; undefined when nothing can match. */
function reachOf(
  partitions: readonly Partition[],
  { kind, where, order, after }: ScanQuery,
): (Stretch & { readonly width: number }) | undefined {
  const relevant = partitionsFor(kind, partitions, where);
  if (relevant.length === 0) return undefined;
  const bounds = timeBounds(where);
  const oldest = Math.min(...relevant.map(({ minTime }) => minTime));
  const newest = Math.max(...relevant.map(({ maxTime }) => maxTime));
  const events = relevant.reduce((sum, partition) => sum + partition.events, 0);
  const from = Math.max(oldest, Math.ceil(bounds.from), order === 'asc' ? (after?.timestamp ?? oldest) : oldest);
  const to = Math.min(newest, Math.floor(bounds.to), order === 'desc' ? (after?.timestamp ?? newest) : newest);
  return { from, to, width: ((newest - oldest) / events) * BATCH_EVENTS * FULL };
}

async function eventsIn<K extends Kind>(
  read: Read,
  partitions: readonly Partition[],
  { kind, where, order }: ScanQuery<K>,
  stretch: Stretch,
  after: Cursor | undefined,
  limit: number,
): Promise<readonly StoredEvent<K>[]> {
  const within = all(where, { op: 'time', ...stretch });
  const relevant = partitionsFor(kind, partitions, within);
  if (relevant.length === 0) return [];
  const condition = filterSql(kind, within);
  const beyond = after === undefined ? { text: 'true', values: [] } : afterSql(after, order);
  const sources = relevant.map(
    ({ source }) => `SELECT ${selectList(kind)} FROM ${source} WHERE (${condition.text}) AND ${beyond.text}`,
  );
  const rows = await read(
    `SELECT * FROM (${sources.join(' UNION ALL ')}) ORDER BY timestamp ${order}, id ${order} LIMIT ${limit}`,
    relevant.flatMap(() => [...condition.values, ...beyond.values]),
  );
  return rows.map((row) => decodeRow(kind, row));
}
