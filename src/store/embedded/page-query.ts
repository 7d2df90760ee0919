import type { Kind } from '../../../schemas/event.ts';
import type { StoredEvent } from '../../core/event.ts';
import { all, type Filter } from '../../core/filter.ts';
import { matcher } from '../../core/matcher.ts';
import type { Cursor, Page, PageQuery } from '../store.ts';
import { countedSources, countedTotal } from './counted-sources.ts';
import type { Read } from './engine.ts';
import { coarseSql, filterSql, parseId, type Sql } from './filter-sql.ts';
import { type Partition, partitionsFor, timeBounds } from './partition.ts';
import { decodeRow, selectList } from './tables.ts';

/**
 * How many times the events of a page the first look at a partition's newest stretch is meant to hold, how much wider
 * each further look is, and how many there are before the whole partition is searched: events arrive almost in order, so
 * the newest are found without reading the rest.
 */
const STRETCH_FACTOR = 8;
const STRETCH_GROWTH = 32;
/** The same where it is known how many events match: they are not spread evenly. */
const KNOWN_FACTOR = 1.5;
const KNOWN_GROWTH = 4;
const STRETCHES = 2;

/** Rows that are read to be looked at one by one. */
const MAX_READ_EVENTS = 1_000;

/** Answers a page from partitions and from events that are in none yet: newest first unless asked otherwise. */
export async function queryPage<K extends Kind>(
  read: Read,
  partitions: readonly Partition[],
  query: PageQuery<K>,
  recent: readonly StoredEvent<K>[] = [],
): Promise<Page<K>> {
  const unloaded = recent.filter(matcher(query.where));
  const relevant = partitionsFor(query.kind, partitions, query.where);
  const known = query.total ? await knownCounts(read, relevant, query) : new Map<Partition, number>();
  const { events, counted } = await findEvents(read, relevant, query, unloaded, known);
  const total = query.total ? unloaded.length + (await countEvents(read, relevant, counted, query)) : undefined;
  const page = events.slice(0, query.limit);
  const last = page.at(-1);
  return {
    events: page,
    ...(total === undefined ? {} : { total }),
    ...(events.length > query.limit && last !== undefined ? { next: { timestamp: last.timestamp, id: last.id } } : {}),
  };
}

/** How many events match in each partition of which that is known almost without looking. */
async function knownCounts(
  read: Read,
  partitions: readonly Partition[],
  { kind, where }: PageQuery,
): Promise<Map<Partition, number>> {
  const counts = new Map<Partition, number>();
  for (const partition of partitions) {
    if (isEverything(where)) counts.set(partition, partition.events);
    else {
      const total = countedTotal(partition, kind, where);
      if (total !== undefined) counts.set(partition, total + (await countAfter(read, partition, kind, where)));
    }
  }
  return counts;
}

/** How many events match among those that came after the kept counts were made. */
async function countAfter(read: Read, partition: Partition, kind: Kind, where: Filter): Promise<number> {
  const { source, counts, lastId } = partition;
  if (counts === undefined || lastId <= counts.reached) return 0;
  return countIn(read, { ...partition, source: `(SELECT * FROM ${source} WHERE id > ${counts.reached})` }, kind, where);
}

/** How many events match in all. Where the search has seen them all, or it is known, they are not counted again. */
async function countEvents(
  read: Read,
  partitions: readonly Partition[],
  counted: ReadonlyMap<Partition, number>,
  { kind, where }: PageQuery,
): Promise<number> {
  let total = partitions.reduce((sum, partition) => sum + (counted.get(partition) ?? 0), 0);
  const others = partitions.filter((partition) => !counted.has(partition));
  if (others.length === 0) return total;
  const sources = countedSources(others, { kind, where, fields: [] });
  if (sources === undefined) {
    for (const partition of others) total += await countIn(read, partition, kind, where);
    return total;
  }
  const union = sources.map(({ text }) => text).join(' UNION ALL ');
  const [row] = await read(
    `SELECT coalesce(sum(events), 0) AS events FROM (${union})`,
    sources.flatMap(({ values }) => values),
  );
  return total + Number(row?.events);
}

async function countIn(read: Read, partition: Partition, kind: Kind, where: Filter): Promise<number> {
  const { text, values } = filterSql(kind, where);
  const [row] = await read(`SELECT count(*) AS events FROM ${partition.source} WHERE ${text}`, values);
  return Number(row?.events);
}

function isEverything(where: Filter): boolean {
  return where.op === 'all' && where.filters.length === 0;
}

/** What a search has found, and how many events match in the partitions that it has seen whole. */
interface Findings<K extends Kind> {
  readonly events: readonly StoredEvent<K>[];
  readonly counted: ReadonlyMap<Partition, number>;
}

/** The page's events and, if there is one, the event after it. */
async function findEvents<K extends Kind>(
  read: Read,
  partitions: readonly Partition[],
  query: PageQuery<K>,
  unloaded: readonly StoredEvent<K>[],
  known: ReadonlyMap<Partition, number>,
): Promise<Findings<K>> {
  const wanted = query.offset + query.limit + 1;
  const newest = query.order === 'desc';
  const order = newest
    ? (a: Cursor, b: Cursor) => b.timestamp - a.timestamp || Number(b.id) - Number(a.id)
    : (a: Cursor, b: Cursor) => a.timestamp - b.timestamp || Number(a.id) - Number(b.id);
  const inOrder = [...partitions].sort((a, b) => (newest ? b.maxTime - a.maxTime : a.minTime - b.minTime));
  let found = unloaded.filter(isBeyond(query.after, order)).sort(order).slice(0, wanted);
  const counted = new Map(known);
  for (const partition of inOrder) {
    const edge = found[wanted - 1];
    // Everything here lies beyond the page that is already full.
    if (edge !== undefined && (newest ? partition.maxTime < edge.timestamp : partition.minTime > edge.timestamp)) break;
    if (known.get(partition) === 0) continue;
    const all = partition.isCut ? await readAll(read, partition, query) : undefined;
    if (all !== undefined) counted.set(partition, all.length);
    const more =
      all?.filter(isBeyond(query.after, order)) ??
      (await searchPartition(read, partition, query, wanted, known.get(partition)));
    if (more.length < wanted && query.after === undefined) counted.set(partition, more.length);
    found = [...found, ...more].sort(order).slice(0, wanted);
  }
  return { events: found.slice(query.offset), counted };
}

/** All events of a partition that match; undefined when there may be too many. */
async function readAll<K extends Kind>(
  read: Read,
  partition: Partition,
  { kind, where }: PageQuery<K>,
): Promise<StoredEvent<K>[] | undefined> {
  const coarse = coarseSql(kind, where);
  const rows = await read(
    `SELECT ${selectList(kind)} FROM ${partition.source} WHERE ${coarse.text} LIMIT ${MAX_READ_EVENTS + 1}`,
    coarse.values,
  );
  if (rows.length > MAX_READ_EVENTS) return undefined;
  return rows.map((row) => decodeRow(kind, row)).filter(matcher(where));
}

function isBeyond(after: Cursor | undefined, order: (a: Cursor, b: Cursor) => number): (event: Cursor) => boolean {
  return after === undefined ? () => true : (event) => order(event, after) > 0;
}

/** The first `wanted` events of a partition, in the query's order. */
async function searchPartition<K extends Kind>(
  read: Read,
  partition: Partition,
  query: PageQuery<K>,
  wanted: number,
  matching: number | undefined,
): Promise<StoredEvent<K>[]> {
  const expected = matching ?? countedTotal(partition, query.kind, query.where);
  for (const stretch of stretches(partition, query, wanted, expected)) {
    const where = filterSql(query.kind, stretch === undefined ? query.where : all(query.where, stretch));
    const after: Sql = query.after === undefined ? { text: 'true', values: [] } : afterSql(query.after, query.order);
    const rows = await read(
      `SELECT ${selectList(query.kind)} FROM ${partition.source} WHERE (${where.text}) AND ${after.text} ` +
        `ORDER BY timestamp ${query.order}, id ${query.order} LIMIT ${wanted}`,
      [...where.values, ...after.values],
    );
    if (stretch === undefined || rows.length >= wanted) return rows.map((row) => decodeRow(query.kind, row));
  }
  return [];
}

/**
 * Growing stretches of time at the end where the page is, and last the whole partition (undefined). `matching` is how many
 * of its events match, where that is known: then the first stretch is as wide as it has to be.
 */
function* stretches(
  partition: Partition,
  query: PageQuery,
  wanted: number,
  matching: number | undefined,
): Generator<Filter | undefined> {
  const { from, to } = timeBounds(query.where);
  const cursor = query.after?.timestamp;
  const start = Math.max(
    partition.minTime,
    from,
    query.order === 'asc' && cursor !== undefined ? cursor : Number.NEGATIVE_INFINITY,
  );
  const end = Math.min(
    partition.maxTime,
    to,
    query.order === 'desc' && cursor !== undefined ? cursor : Number.POSITIVE_INFINITY,
  );
  const density = (matching ?? partition.events) / Math.max(1, partition.maxTime - partition.minTime);
  let width = (wanted * (matching === undefined ? STRETCH_FACTOR : KNOWN_FACTOR)) / density;
  for (let look = 0; look < STRETCHES && !partition.isCut && width < (end - start) / 2; look++) {
    yield query.order === 'desc'
      ? { op: 'time', from: end - width, to: end }
      : { op: 'time', from: start, to: start + width };
    width *= matching === undefined ? STRETCH_GROWTH : KNOWN_GROWTH;
  }
  yield undefined;
}

/** Whether an event comes after a place, in this order. */
export function afterSql(after: Cursor, order: 'asc' | 'desc'): Sql {
  const beyond = order === 'desc' ? '<' : '>';
  const id = parseId(after.id) ?? 0;
  return {
    text: `timestamp ${beyond}= ? AND (timestamp ${beyond} ? OR id ${beyond} ?)`,
    values: [after.timestamp, after.timestamp, id],
  };
}
