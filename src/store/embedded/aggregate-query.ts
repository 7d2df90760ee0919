import type { Kind } from '../../../schemas/event.ts';
import type { Field } from '../../core/filter.ts';
import type { AggregateFn, AggregateGroup, AggregateQuery } from '../store.ts';
import type { Read, SqlValue } from './engine.ts';
import { fieldSql, filterSql } from './filter-sql.ts';
import { type Partition, partitionsFor } from './partition.ts';
import { columnOf } from './tables.ts';

const FUNCTIONS: Readonly<Record<AggregateFn, string>> = {
  count: 'count(*)',
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

/** Answers an aggregate over partitions in one query. */
export async function queryAggregate(
  read: Read,
  partitions: readonly Partition[],
  query: AggregateQuery,
): Promise<readonly AggregateGroup[]> {
  const relevant = partitionsFor(partitions, query.where);
  if (relevant.length === 0) return [];
  const needsValue = query.functions.some((name) => name !== 'count');
  const sources: string[] = [];
  const values: SqlValue[] = [];
  for (const { source } of relevant) {
    const columns = query.groupBy.map((field, index) => {
      const sql = fieldSql(query.kind, field);
      values.push(...sql.values);
      return `${sql.text} AS g${index}`;
    });
    columns.push(`${stepSql(query.stepMs)} AS step`);
    if (needsValue) columns.push('value', 'timestamp', 'id');
    const where = filterSql(query.kind, query.where);
    values.push(...where.values);
    sources.push(`SELECT ${columns.join(', ')} FROM ${source} WHERE ${where.text}`);
  }
  const groups = query.groupBy.map((_, index) => `g${index}`);
  const figures = query.functions.map((name) => `${FUNCTIONS[name]} AS ${name}`);
  const rows = await read(
    `SELECT ${[...groups, 'step', ...figures].join(', ')} FROM (${sources.join(' UNION ALL ')}) ` +
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
    const values = Object.fromEntries(query.functions.map((name) => [name, Number(row[name])]));
    entry.points.push({ time: Number(row.step), values });
  }
  return [...byGroup.values()];
}

function decodeWord(kind: Kind, field: Field, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const codes = columnOf(kind, field)?.codes;
  return codes === undefined ? String(value) : (codes[Number(value)] ?? null);
}
