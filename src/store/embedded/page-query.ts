import type { Kind } from '../../../schemas/event.ts';
import type { StoredEvent } from '../../core/event.ts';
import { all, type Filter } from '../../core/filter.ts';
import { matcher } from '../../core/matcher.ts';
import type { Cursor, Page, PageQuery } from '../store.ts';
import { countedSources } from './counted-sources.ts';
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
  const { events, counted } = await findEvents(read, relevant, query, unloaded);
  const total = query.total ? unloaded.length + (await countEvents(read, relevant, counted, query)) : undefined;
  const page = events.slice(0, query.limit);
  const last = page.at(-1);
  return {
    events: page,
    ...(total === undefined ? {} : { total }),
    ...(events.length > query.limit && last !== undefined ? { next: { timestamp: last.timestamp, id: last.id } } : {}),
  };
}

/** How many events match in all. Where the search has seen them all they are not counted again. */
async function countEvents(
  read: Read,
  partitions: readonly Partition[],
  counted: ReadonlyMap<Partition, number>,
  { kind, where }: PageQuery,
): Promise<number> {
  const known = (partition: Partition) => (isEverything(where) ? partition.events : counted.get(partition));
  let total = partitions.reduce((sum, partition) => sum + (known(partition) ?? 0), 0);
  const others = partitions.filter((partition) => known(partition) === undefined);
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
): Promise<Findings<K>> {
  const wanted = query.offset + query.limit + 1;
  const newest = query.order === 'desc';
  const order = newest
    ? (a: Cursor, b: Cursor) => b.timestamp - a.timestamp || Number(b.id) - Number(a.id)
    : (a: Cursor, b: Cursor) => a.timestamp - b.timestamp || Number(a.id) - Number(b.id);
  const inOrder = [...partitions].sort((a, b) => (newest ? b.maxTime - a.maxTime : a.minTime - b.minTime));
  let found = unloaded.filter(isBeyond(query.after, order)).sort(order).slice(0, wanted);
  const counted = new Map<Partition, number>();
  for (const partition of inOrder) {
    const edge = found[wanted - 1];
    // Everything here lies beyond the page that is already full.
    if (edge !== undefined && (newest ? partition.maxTime < edge.timestamp : partition.minTime > edge.timestamp)) break;
    const all = partition.isCut ? await readAll(read, partition, query) : undefined;
    if (all !== undefined) counted.set(partition, all.length);
    const more = all?.filter(isBeyond(query.after, order)) ?? (await searchPartition(read, partition, query, wanted));
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
): Promise<StoredEvent<K>[]> {
  for (const stretch of stretches(partition, query, wanted)) {
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

/** Growing stretches of time at the end where the page is, and last the whole partition (undefined). */
function* stretches(partition: Partition, query: PageQuery, wanted: number): Generator<Filter | undefined> {
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
  const density = partition.events / Math.max(1, partition.maxTime - partition.minTime);
  let width = (wanted * STRETCH_FACTOR) / density;
  for (let look = 0; look < STRETCHES && !partition.isCut && width < (end - start) / 2; look++) {
    yield query.order === 'desc'
      ? { op: 'time', from: end - width, to: end }
      : { op: 'time', from: start, to: start + width };
    width *= STRETCH_GROWTH;
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
