import type { Kind } from '../../../schemas/event.ts';
import type { Field, Filter } from '../../core/filter.ts';
import { compareText } from '../../core/text-order.ts';
import type { FacetQuery, Facets, FacetValue } from '../store.ts';
import { countedSources } from './counted-sources.ts';
import type { Read } from './engine.ts';
import { fieldSql, filterSql, type Sql } from './filter-sql.ts';
import { COUNTED } from './kept-counts.ts';
import { type Partition, partitionsFor } from './partition.ts';
import { decodeWord } from './tables.ts';

/** Of fields kept as codes all values are fetched: their order is that of their words. */
const MOST_CODES = 16;
/** Combinations of counted values up to which they are put together here. */
const MAX_COMBINATIONS = 20_000;

/** The most frequent values of some fields, and how many events there are. */
interface Found {
  readonly total: number;
  readonly values: ReadonlyMap<Field, readonly FacetValue[]>;
}

/**
 * The most frequent values of each field, and the number of events: of fields that are counted from the kept counts, of the
 * others from the events, in a question each where the filter costs little: then only that field's column is read.
 */
export async function queryFacets(read: Read, partitions: readonly Partition[], query: FacetQuery): Promise<Facets> {
  const { kind, where, fields } = query;
  const relevant = partitionsFor(kind, partitions, where);
  const none: Found = { total: 0, values: new Map() };
  const counted = relevant.length === 0 ? none : await fromCounts(read, relevant, query);
  const others = relevant.length === 0 ? [] : fields.filter((field) => !counted?.values.has(field));
  let found = counted;
  let rest: Found = none;
  if (counted === undefined || others.length > 0) {
    const ask = isLight(where) ? fromColumns : fromEvents;
    rest = await ask(read, relevant, { ...query, fields: others }, counted?.total);
    found ??= rest;
  }
  const values = new Map([...rest.values, ...(counted?.values ?? [])]);
  return {
    total: found?.total ?? 0,
    values: Object.fromEntries(fields.map((field) => [field, first(values.get(field) ?? [], query.limit)])),
    exact: true,
  };
}

function first(values: readonly FacetValue[], limit: number): readonly FacetValue[] {
  return values.toSorted((a, b) => b.count - a.count || compareText(a.value, b.value)).slice(0, limit);
}

/** Whether a filter costs next to nothing an event: then it may be asked again for each field. */
function isLight(filter: Filter): boolean {
  switch (filter.op) {
    case 'all':
    case 'any':
      return filter.filters.every(isLight);
    case 'not':
      return isLight(filter.filter);
    case 'one_of':
      return !filter.field.startsWith('tags.');
    default:
      return filter.op === 'time';
  }
}

/** What the kept counts can tell: of those fields that are counted; undefined when of nothing. */
async function fromCounts(
  read: Read,
  partitions: readonly Partition[],
  { kind, where, fields }: FacetQuery,
): Promise<Found | undefined> {
  const known = fields.filter((field) => COUNTED[kind]?.fields.includes(field));
  const sources = countedSources(partitions, { kind, where, fields: known });
  if (sources === undefined) return undefined;
  const columns = known.map((field, index) => `"${field}" AS f${index}`);
  const grouping = known.length === 0 ? '' : ` GROUP BY ${known.map((_, index) => `f${index}`).join(', ')}`;
  const rows = await read(
    `SELECT ${[...columns, 'sum(events)::DOUBLE AS events'].join(', ')} ` +
      `FROM (${sources.map(({ text }) => text).join(' UNION ALL ')})${grouping} LIMIT ${MAX_COMBINATIONS + 1}`,
    sources.flatMap((source) => source.values),
  );
  if (rows.length > MAX_COMBINATIONS) return undefined;
  const sums = known.map(() => new Map<string, number>());
  let total = 0;
  for (const row of rows) {
    const events = Number(row.events ?? 0);
    total += events;
    for (const [index, field] of known.entries()) {
      const value = decodeWord(kind, field, row[`f${index}`]);
      if (value !== null) sums[index]?.set(value, (sums[index].get(value) ?? 0) + events);
    }
  }
  const values = known.map((field, index) => {
    const each = [...(sums[index] ?? [])].map(([value, count]) => ({ value, count }));
    return [field, each.filter(({ count }) => count > 0)] as const;
  });
  return { total, values: new Map(values) };
}

/** A question for each field. */
async function fromColumns(
  read: Read,
  partitions: readonly Partition[],
  { kind, where, fields, limit }: FacetQuery,
  total: number | undefined,
): Promise<Found> {
  const values = new Map<Field, readonly FacetValue[]>();
  for (const field of fields) {
    const { text, values: bound } = eventsOf(partitions, kind, where, [field]);
    const rows = await read(
      `SELECT f0 AS value, count(*)::DOUBLE AS events FROM (${text}) WHERE f0 IS NOT NULL ` +
        `GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${Math.max(limit, MOST_CODES)}`,
      bound,
    );
    values.set(
      field,
      rows.map((row) => ({ value: decodeWord(kind, field, row.value) ?? '', count: Number(row.events) })),
    );
  }
  if (total !== undefined) return { total, values };
  const { text, values: bound } = eventsOf(partitions, kind, where, []);
  const [row] = await read(`SELECT count(*)::DOUBLE AS events FROM (${text})`, bound);
  return { total: Number(row?.events ?? 0), values };
}

/** All fields in one pass over the events: a grouping set for each and one of all. */
async function fromEvents(
  read: Read,
  partitions: readonly Partition[],
  { kind, where, fields, limit }: FacetQuery,
): Promise<Found> {
  const names = fields.map((_, index) => `f${index}`);
  const { text: source, values: bound } = eventsOf(partitions, kind, where, fields);
  const sets = ['()', ...names.map((name) => `(${name})`)].join(', ');
  // Which field a row is of; a field's own NULL makes no row.
  const place = names.map((name, index) => `WHEN GROUPING(${name}) = 0 THEN ${index}`).join(' ');
  const grouped =
    `SELECT ${[`CASE ${place} ELSE -1 END AS place`, ...names, 'count(*)::DOUBLE AS events'].join(', ')} ` +
    `FROM (${source}) GROUP BY GROUPING SETS (${sets})`;
  const present = names.map((name, index) => `WHEN ${index} THEN ${name} IS NOT NULL`).join(' ');
  const rows = await read(
    names.length === 0
      ? `SELECT -1 AS place, count(*)::DOUBLE AS events FROM (${source})`
      : `SELECT * FROM (${grouped}) WHERE CASE place ${present} ELSE true END ` +
          `QUALIFY row_number() OVER (PARTITION BY place ORDER BY ${['events DESC', ...names].join(', ')}) <= ${Math.max(limit, MOST_CODES)}`,
    bound,
  );
  const values = new Map<Field, FacetValue[]>(fields.map((field) => [field, []]));
  let total = 0;
  for (const row of rows) {
    const field = fields[Number(row.place)];
    if (field === undefined) total = Number(row.events ?? 0);
    else {
      const value = decodeWord(kind, field, row[`f${Number(row.place)}`]);
      if (value !== null) values.get(field)?.push({ value, count: Number(row.events) });
    }
  }
  return { total, values };
}

/** The fields of every matching event, as `f0`… */
function eventsOf(partitions: readonly Partition[], kind: Kind, where: Filter, fields: readonly Field[]): Sql {
  const condition = filterSql(kind, where);
  const columns = fields.map((field) => fieldSql(kind, field));
  const selected = columns.length === 0 ? ['1'] : columns.map(({ text }, index) => `${text} AS f${index}`);
  const sources = partitions.map(
    ({ source }) => `SELECT ${selected.join(', ')} FROM ${source} WHERE ${condition.text}`,
  );
  const values = partitions.flatMap(() => [...columns.flatMap((column) => column.values), ...condition.values]);
  return { text: sources.join(' UNION ALL '), values };
}
