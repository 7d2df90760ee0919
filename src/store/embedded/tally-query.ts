import type { Kind } from '../../../schemas/event.ts';
import type { Filter } from '../../core/filter.ts';
import type { TallyGroup, TallyQuery } from '../store.ts';
import { countedFields, countedSources } from './counted-sources.ts';
import type { Read, SqlValue } from './engine.ts';
import { fieldSql, filterSql, type Sql } from './filter-sql.ts';
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
  const fields = countedFields(kind, filters);
  const isCounted = fields !== undefined && groupBy.every((field) => fields.includes(field));
  const counted = isCounted ? countedSources(relevant, { kind, where, fields }) : undefined;
  const sources = counted ?? eventSources(relevant, kind, where);
  const count = counted === undefined ? 'count(*)' : 'sum(events)';
  const columns = [
    ...groups.map(({ text }, index) => `${text} AS g${index}`),
    ...conditions.map(({ text }, index) => `${count} FILTER (WHERE ${text}) AS c${index}`),
  ];
  const values: SqlValue[] = [...groups, ...conditions, ...sources].flatMap((sql) => sql.values);
  const grouping = groupBy.length === 0 ? '' : ` GROUP BY ${groupBy.map((_, index) => index + 1).join(', ')}`;
  const rows = await read(
    `SELECT ${columns.join(', ')} FROM (${sources.map(({ text }) => text).join(' UNION ALL ')})${grouping}`,
    values,
  );
  return rows
    .map((row) => ({
      group: Object.fromEntries(groupBy.map((field, index) => [field, decodeWord(kind, field, row[`g${index}`])])),
      counts: filters.map((_, index) => Number(row[`c${index}`] ?? 0)),
    }))
    .filter(({ counts }) => counts.some((count) => count > 0));
}

/** Every event that the filters have in common. */
function eventSources(partitions: readonly Partition[], kind: Kind, where: Filter): readonly Sql[] {
  const { text, values } = filterSql(kind, where);
  return partitions.map(({ source }) => ({ text: `SELECT * FROM ${source} WHERE ${text}`, values }));
}
