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
/** How full a look is meant to be: one that overflows is done again, half as wide. */
const FULL = 0.8;
/** How much wider the next look is at most. */
const GROWTH = 4;

/** Asks all partitions as they are at the moment. */
type Ask = <T>(ask: (read: Read, partitions: readonly Partition[]) => Promise<T>) => Promise<T>;

/** A stretch of time, both ends included, in milliseconds since the epoch. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Every matching event in order. It goes through time in stretches that hold about a batch each, and asks for one after
 * the other: nothing has to be sorted as a whole, and no reader is held while the taker thinks. While he has one, the
 * next is on its way.
 */
export async function* scanEvents<K extends Kind>(
  ask: Ask,
  query: ScanQuery<K>,
): AsyncGenerator<readonly StoredEvent<K>[]> {
  const reach = await ask(async (_, partitions) => reachOf(partitions, query));
  if (reach === undefined) return;
  let next: Promise<Look<K>> | undefined = look(ask, query, reach, query.limit ?? Number.POSITIVE_INFINITY);
  try {
    while (next !== undefined) {
      const { events, rest, left }: Look<K> = await next;
      next = rest === undefined ? undefined : look(ask, query, rest, left);
      if (events.length > 0) yield events;
    }
  } finally {
    // Of a taker who has gone nobody waits for it.
    next?.catch(() => undefined);
  }
}

/** What of a scan is still to be read: its time, how much of it may hold a batch, and after which event. */
interface Rest extends Stretch {
  readonly width: number;
  readonly after: Cursor | undefined;
}

/** The next events of a scan; what is left of it, and how many events are still wanted. */
interface Look<K extends Kind> {
  readonly events: readonly StoredEvent<K>[];
  readonly rest: Rest | undefined;
  readonly left: number;
}

async function look<K extends Kind>(
  ask: Ask,
  query: ScanQuery<K>,
  { from, to, width: estimate, after }: Rest,
  left: number,
): Promise<Look<K>> {
  const ascending = query.order === 'asc';
  let width = estimate;
  for (;;) {
    const stretch: Stretch = ascending
      ? { from, to: Math.min(to, Math.ceil(from + width)) }
      : { from: Math.max(from, Math.floor(to - width)), to };
    const found = await ask((read, partitions) => eventsIn(read, partitions, query, stretch, after));
    if (found === undefined) {
      width = (stretch.to - stretch.from) / 2;
      continue;
    }
    const { isWhole } = found;
    const events = found.events.length > left ? found.events.slice(0, left) : found.events;
    const last = events.at(-1);
    const still = left - events.length;
    // Events of one moment that are more than a batch are gone on with in it.
    const edge = isWhole ? (ascending ? stretch.to + 1 : stretch.from - 1) : (last?.timestamp ?? stretch.to);
    const rest: Rest = {
      ...(ascending ? { from: edge, to } : { from, to: edge }),
      width: Math.max(1, width) * Math.min(GROWTH, (BATCH_EVENTS * FULL) / Math.max(1, events.length)),
      after: last === undefined ? after : { timestamp: last.timestamp, id: last.id },
    };
    return { events, rest: still > 0 && rest.from <= rest.to ? rest : undefined, left: still };
  }
}

/** The time that a scan has to go through, and how much of it may hold a batch; undefined when nothing can match. */
function reachOf(
  partitions: readonly Partition[],
  { kind, where, order, after, limit = BATCH_EVENTS }: ScanQuery,
): Rest | undefined {
  const relevant = partitionsFor(kind, partitions, where);
  if (relevant.length === 0) return undefined;
  const bounds = timeBounds(where);
  const oldest = Math.min(...relevant.map(({ minTime }) => minTime));
  const newest = Math.max(...relevant.map(({ maxTime }) => maxTime));
  const events = relevant.reduce((sum, partition) => sum + partition.events, 0);
  const from = Math.max(oldest, Math.ceil(bounds.from), order === 'asc' ? (after?.timestamp ?? oldest) : oldest);
  const to = Math.min(newest, Math.floor(bounds.to), order === 'desc' ? (after?.timestamp ?? newest) : newest);
  if (from > to) return undefined;
  const wanted = Math.min(limit, BATCH_EVENTS) * FULL;
  return { from, to, width: ((newest - oldest) / events) * wanted, after };
}

/**
 * The events of a stretch, in order; undefined when they are more than a batch, and fewer could be asked for. Events lie
 * almost in order: putting them into it here costs next to nothing, while DuckDB would do it with whole rows.
 */
async function eventsIn<K extends Kind>(
  read: Read,
  partitions: readonly Partition[],
  { kind, where, order }: ScanQuery<K>,
  stretch: Stretch,
  after: Cursor | undefined,
): Promise<{ readonly events: readonly StoredEvent<K>[]; readonly isWhole: boolean } | undefined> {
  const within = all(where, { op: 'time', ...stretch });
  const relevant = partitionsFor(kind, partitions, within);
  if (relevant.length === 0) return { events: [], isWhole: true };
  const condition = filterSql(kind, within);
  const beyond = after === undefined ? { text: 'true', values: [] } : afterSql(after, order);
  const sources = relevant.map(({ source }) => `SELECT * FROM ${source} WHERE (${condition.text}) AND ${beyond.text}`);
  const isMoment = stretch.from === stretch.to;
  const rows = await read(
    `SELECT ${selectList(kind)} FROM (${sources.join(' UNION ALL ')}) ` +
      `${isMoment ? `ORDER BY timestamp ${order}, id ${order} ` : ''}LIMIT ${BATCH_EVENTS + 1}`,
    relevant.flatMap(() => [...condition.values, ...beyond.values]),
  );
  const isWhole = rows.length <= BATCH_EVENTS;
  if (!isWhole && !isMoment) return undefined;
  const events = rows.map((row) => decodeRow(kind, row));
  const forwards = (a: Cursor, b: Cursor) => a.timestamp - b.timestamp || Number(a.id) - Number(b.id);
  if (!isMoment) events.sort(order === 'asc' ? forwards : (a, b) => forwards(b, a));
  return { events, isWhole };
}
