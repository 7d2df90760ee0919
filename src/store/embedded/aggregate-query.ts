import type { Kind } from '../../../schemas/event.ts';
import type { AggregateFn, AggregateGroup, AggregateQuery } from '../store.ts';
import type { Read, SqlValue } from './engine.ts';
import { fieldSql, filterSql } from './filter-sql.ts';
import { type Partition, partitionsFor } from './partition.ts';
import { decodeWord } from './tables.ts';

/** All but the rate, which needs the step's length. */
const FUNCTIONS: Readonly<Record<Exclude<AggregateFn, 'rate'>, string>> = {
  count: 'count(*)',
  newest: 'max(timestamp)',
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

/** Answers an aggregate over partitions in one query. */
export async function queryAggregate(
  read: Read,
  partitions: readonly Partition[],
  query: AggregateQuery,
): Promise<readonly AggregateGroup[]> {
  const relevant = partitionsFor(query.kind, partitions, query.where);
  if (relevant.length === 0) return [];
  const needsTime = query.functions.some((name) => name !== 'count');
  const needsValue = query.functions.some((name) => name !== 'count' && name !== 'newest');
  const needsIncrease = query.functions.includes('rate');
  const sources: string[] = [];
  const values: SqlValue[] = [];
  for (const { source } of relevant) {
    const columns = query.groupBy.map((field, index) => {
      const sql = fieldSql(query.kind, field);
      values.push(...sql.values);
      return `${sql.text} AS g${index}`;
    });
    columns.push(`${stepSql(query.stepMs)} AS step`);
    if (needsTime) columns.push('timestamp');
    if (needsValue) columns.push(`${VALUES[query.kind] ?? 'NULL::DOUBLE'} AS value`, 'id');
    if (needsIncrease) columns.push(...SERIES);
    const where = filterSql(query.kind, query.where);
    values.push(...where.values);
    sources.push(`SELECT ${columns.join(', ')} FROM ${source} WHERE ${where.text}`);
  }
  const groups = query.groupBy.map((_, index) => `g${index}`);
  const figures = query.functions.map(
    (name) => `${name === 'rate' ? rateSql(query.stepMs) : FUNCTIONS[name]} AS ${name}`,
  );
  const all = sources.join(' UNION ALL ');
  const rows = await read(
    `SELECT ${[...groups, 'step', ...figures].join(', ')} FROM (${needsIncrease ? withIncrease(all) : all}) ` +
      `GROUP BY ${[...groups, 'step'].join(', ')} ORDER BY ${['step', ...groups].join(', ')}`,
    values,
  );
  return collect(query, rows);
}

/** The start of the step an event is in, also before 1970. */
function stepSql(stepMs: number | undefined): string {
  if (stepMs === undefined) return '0';
  if (!Number.isSafeInteger(stepMs) || stepMs < 1) throw new Error(`BUG: a step of ${stepMs} ms`);
  return `timestamp - (timestamp % ${stepMs} + ${stepMs}) % ${stepMs}`;
}

type Points = { time: number; values: Partial<Record<AggregateFn, number>> }[];

function collect(query: AggregateQuery, rows: readonly Readonly<Record<string, unknown>>[]): readonly AggregateGroup[] {
  const byGroup = new Map<string, { group: Record<string, string | null>; points: Points }>();
  for (const row of rows) {
    const words = query.groupBy.map((field, index) => decodeWord(query.kind, field, row[`g${index}`]));
    const key = JSON.stringify(words);
    let entry = byGroup.get(key);
    if (entry === undefined) {
      entry = {
        group: Object.fromEntries(query.groupBy.map((field, index) => [field, words[index] ?? null])),
        points: [],
      };
      byGroup.set(key, entry);
    }
    const known = query.functions.filter((name) => row[name] !== null);
    const values = Object.fromEntries(known.map((name) => [name, Number(row[name])]));
    entry.points.push({ time: Number(row.step), values });
  }
  return [...byGroup.values()];
}
