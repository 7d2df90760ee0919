import type { Field } from '../../core/filter.ts';
import { compareText } from '../../core/text-order.ts';
import type { FacetQuery, Facets, FacetValue } from '../store.ts';
import { countedSources } from './counted-sources.ts';
import type { Read } from './engine.ts';
import { fieldSql, filterSql, type Sql } from './filter-sql.ts';
import { type Partition, partitionsFor } from './partition.ts';
import { decodeWord } from './tables.ts';

/** Of fields kept as codes all values are fetched: their order is that of their words. */
const MOST_CODES = 16;

/** The most frequent values of each field, and the number of events, in one query: a grouping set a field and one of all. */
export async function queryFacets(read: Read, partitions: readonly Partition[], query: FacetQuery): Promise<Facets> {
  const { kind, where, fields, limit } = query;
  const relevant = partitionsFor(kind, partitions, where);
  if (relevant.length === 0)
    return { total: 0, values: Object.fromEntries(fields.map((field) => [field, []])), exact: true };
  const names = fields.map((_, index) => `f${index}`);
  const { text: source, values } = countedOf(relevant, query) ?? eventsOf(relevant, query);
  const sets = ['()', ...names.map((name) => `(${name})`)].join(', ');
  // Which field a row is of; a field's own NULL makes no row.
  const place = names.map((name, index) => `WHEN GROUPING(${name}) = 0 THEN ${index}`).join(' ');
  const grouped =
    `SELECT ${[`CASE ${place} ELSE -1 END AS place`, ...names, 'sum(events) AS events'].join(', ')} ` +
    `FROM (${source}) GROUP BY GROUPING SETS (${sets})`;
  const present = names.map((name, index) => `WHEN ${index} THEN ${name} IS NOT NULL`).join(' ');
  const rows = await read(
    names.length === 0
      ? `SELECT -1 AS place, sum(events) AS events FROM (${source})`
      : `SELECT * FROM (${grouped}) WHERE CASE place ${present} ELSE true END ` +
          `QUALIFY row_number() OVER (PARTITION BY place ORDER BY ${['events DESC', ...names].join(', ')}) <= ${Math.max(limit, MOST_CODES)}`,
    values,
  );
  const found = new Map<Field, FacetValue[]>(fields.map((field) => [field, []]));
  let total = 0;
  for (const row of rows) {
    const field = fields[Number(row.place)];
    if (field === undefined) total = Number(row.events ?? 0);
    else {
      const value = decodeWord(kind, field, row[`f${Number(row.place)}`]);
      if (value !== null) found.get(field)?.push({ value, count: Number(row.events) });
    }
  }
  const first = (values: FacetValue[]) =>
    values.sort((a, b) => b.count - a.count || compareText(a.value, b.value)).slice(0, limit);
  return {
    total,
    values: Object.fromEntries([...found].map(([field, values]) => [field, first(values)])),
    exact: true,
  };
}

/** The fields of every matching event, as `f0`… and how many events have them: here one each. */
function eventsOf(partitions: readonly Partition[], { kind, where, fields }: FacetQuery): Sql {
  const condition = filterSql(kind, where);
  const columns = fields.map((field) => fieldSql(kind, field));
  const selected = columns.map(({ text }, index) => `${text} AS f${index}`);
  const sources = partitions.map(
    ({ source }) => `SELECT ${['1 AS events', ...selected].join(', ')} FROM ${source} WHERE ${condition.text}`,
  );
  const values = partitions.flatMap(() => [...columns.flatMap((column) => column.values), ...condition.values]);
  return { text: sources.join(' UNION ALL '), values };
}

/** The same from the kept counts, when they are by all of the fields. */
function countedOf(partitions: readonly Partition[], { kind, where, fields }: FacetQuery): Sql | undefined {
  const sources = countedSources(partitions, { kind, where, fields });
  if (sources === undefined) return undefined;
  const selected = ['events', ...fields.map((field, index) => `"${field}" AS f${index}`)].join(', ');
  return {
    text: sources.map(({ text }) => `SELECT ${selected} FROM (${text})`).join(' UNION ALL '),
    values: sources.flatMap(({ values }) => values),
  };
}
