import type { Kind } from '../../../schemas/event.ts';
import type { AggregateFn, AggregateGroup, AggregateQuery } from '../store.ts';
import { type Asked, countedRows } from './counted-aggregate.ts';
import type { Read, Row, SqlValue } from './engine.ts';
import { fieldSql, filterSql } from './filter-sql.ts';
import { stepSql } from './kept-counts.ts';
import { type Partition, partitionsFor } from './partition.ts';
import { decodeWord } from './tables.ts';

/** All but the rate, which needs the step's length. */
const FUNCTIONS: Readonly<Record<Exclude<AggregateFn, 'rate'>, string>> = {
  count: 'count(*)::DOUBLE',
  newest: 'max(timestamp)::DOUBLE',
  last: 'arg_max(value, {t: timestamp, i: id})',
  avg: 'avg(value)',
  min: 'min(value)',
  max: 'max(value)',
  sum: 'sum(value)',
  p50: 'quantile_cont(value, 0.5)',
  p90: 'quantile_cont(value, 0.9)',
  p95: 'quantile_cont(value, 0.95)',
  p99: 'quantile_cont(value, 0.99)',
};

/** Of the kinds that have numbers: the column that the functions are of. */
const VALUES: Readonly<Partial<Record<Kind, string>>> = { metric: 'value', span: 'duration_ms' };

/** What tells one counter from another. */
const SERIES = ['service', 'host', 'name', 'coalesce(list_sort(map_entries(tags)), []) AS tagset'];

/** What each value is above the one before it in its series: whole if that was larger, NULL if there is none. */
function withIncrease(sources: string): string {
  return (
    'SELECT *, CASE WHEN lag(value) OVER series_order <= value THEN value - lag(value) OVER series_order ' +
    'WHEN lag(value) OVER series_order > value THEN value END AS increase ' +
    `FROM (${sources}) WINDOW series_order AS (PARTITION BY service, host, name, tagset ORDER BY timestamp, id)`
  );
}

function rateSql(stepMs: number | undefined): string {
  return `sum(increase) / ${stepMs === undefined ? 'nullif((max(timestamp) - min(timestamp)) / 1000, 0)' : stepMs / 1000}`;
}

/** Answers an aggregate over partitions: from the kept counts where they can tell, else in one query of the events. */
export async function queryAggregate(
  read: Read,
  partitions: readonly Partition[],
  query: AggregateQuery,
): Promise<readonly AggregateGroup[]> {
  const relevant = partitionsFor(query.kind, partitions, query.where);
  if (relevant.length === 0) return [];
  const ask = (of: readonly Asked[]) => eventRows(read, of, query);
  const everything = () => ask(relevant.map((partition) => ({ partition, where: query.where })));
  return collect(query, (await countedRows(read, relevant, query, ask)) ?? (await everything()));
}

async function eventRows(read: Read, of: readonly Asked[], query: AggregateQuery): Promise<readonly Row[]> {
  if (of.length === 0) return [];
  const needsTime = query.functions.some((name) => name !== 'count');
  const needsValue = query.functions.some((name) => name !== 'count' && name !== 'newest');
  const needsIncrease = query.functions.includes('rate');
  const sources: string[] = [];
  const values: SqlValue[] = [];
  for (const asked of of) {
    const columns = query.groupBy.map((field, index) => {
      const sql = fieldSql(query.kind, field);
      values.push(...sql.values);
      return `${sql.text} AS g${index}`;
    });
    columns.push(`${query.stepMs === undefined ? '0' : `(${stepSql(query.stepMs)})::DOUBLE`} AS step`);
    if (needsTime) columns.push('timestamp');
    if (needsValue) columns.push(`${VALUES[query.kind] ?? 'NULL::DOUBLE'} AS value`, 'id');
    if (needsIncrease) columns.push(...SERIES);
    const where = filterSql(query.kind, asked.where);
    values.push(...where.values);
    sources.push(`SELECT ${columns.join(', ')} FROM ${asked.partition.source} WHERE ${where.text}`);
  }
  const groups = query.groupBy.map((_, index) => `g${index}`);
  const figures = query.functions.map(
    (name) => `${name === 'rate' ? rateSql(query.stepMs) : FUNCTIONS[name]} AS ${name}`,
  );
  const all = sources.join(' UNION ALL ');
  return read(
    `SELECT ${[...groups, 'step', ...figures].join(', ')} FROM (${needsIncrease ? withIncrease(all) : all}) ` +
      `GROUP BY ${[...groups, 'step'].join(', ')} ORDER BY ${['step', ...groups].join(', ')}`,
    values,
  );
}

type Points = { time: number; values: Partial<Record<AggregateFn, number>> }[];

function collect(query: AggregateQuery, rows: readonly Row[]): readonly AggregateGroup[] {
  const byGroup = new Map<string, { group: Record<string, string | null>; points: Points }>();
  const { kind, groupBy, functions } = query;
  const names = groupBy.map((_, index) => `g${index}`);
  for (const row of rows) {
    let key = '';
    for (const name of names) {
      const value = row[name];
      key += value === null ? '-' : `+${value}\0`;
    }
    let entry = byGroup.get(key);
    if (entry === undefined) {
      const words = groupBy.map((field, index) => [field, decodeWord(kind, field, row[`g${index}`])] as const);
      entry = { group: Object.fromEntries(words), points: [] };
      byGroup.set(key, entry);
    }
    const values: Partial<Record<AggregateFn, number>> = {};
    for (const name of functions) if (row[name] !== null) values[name] = Number(row[name]);
    entry.points.push({ time: Number(row.step), values });
  }
  return [...byGroup.values()];
}
