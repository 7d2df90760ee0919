import type { TallyGroup, TallyQuery } from '../store.ts';
import type { Read, SqlValue } from './engine.ts';
import { fieldSql, filterSql } from './filter-sql.ts';
import { type Partition, partitionsFor } from './partition.ts';
import { decodeWord } from './tables.ts';

/** Counts what matches each of many filters, by group, in one query. */
export async function queryTally(
  read: Read,
  partitions: readonly Partition[],
  { kind, where, filters, groupBy }: TallyQuery,
): Promise<readonly TallyGroup[]> {
  const relevant = partitionsFor(kind, partitions, where);
  if (relevant.length === 0 || filters.length === 0) return [];
  const groups = groupBy.map((field) => fieldSql(kind, field));
  const conditions = filters.map((filter) => filterSql(kind, filter));
  const common = filterSql(kind, where);
  const columns = [
    ...groups.map(({ text }, index) => `${text} AS g${index}`),
    ...conditions.map(({ text }, index) => `count(*) FILTER (WHERE ${text}) AS c${index}`),
  ];
  const values: SqlValue[] = [...groups, ...conditions, ...relevant.map(() => common)].flatMap((sql) => sql.values);
  const sources = relevant.map(({ source }) => `SELECT * FROM ${source} WHERE ${common.text}`);
  const grouping = groupBy.length === 0 ? '' : ` GROUP BY ${groupBy.map((_, index) => index + 1).join(', ')}`;
  const rows = await read(`SELECT ${columns.join(', ')} FROM (${sources.join(' UNION ALL ')})${grouping}`, values);
  return rows
    .map((row) => ({
      group: Object.fromEntries(groupBy.map((field, index) => [field, decodeWord(kind, field, row[`g${index}`])])),
      counts: filters.map((_, index) => Number(row[`c${index}`])),
    }))
    .filter(({ counts }) => counts.some((count) => count > 0));
}
