import { all, type Filter } from '../../core/filter.ts';
import type { AggregateFn, AggregateQuery } from '../store.ts';
import { countedSources } from './counted-sources.ts';
import type { Read, Row } from './engine.ts';
import type { Sql } from './filter-sql.ts';
import { COUNTED, stepSql } from './kept-counts.ts';
import type { Partition } from './partition.ts';

/** What figures of stretches are together. As doubles: a BigInt each would cost more than all the rest of an answer. */
const MERGED: Readonly<Partial<Record<AggregateFn, string>>> = {
  count: 'sum(events)::DOUBLE',
  newest: 'max(newest)::DOUBLE',
  sum: 'sum(sum)',
  avg: 'sum(sum) / sum(events)',
  min: 'min(min)',
  max: 'max(max)',
};

/** A stretch of time as a filter, both ends included. */
type Range = { readonly op: 'time'; readonly from: number; readonly to: number };

/** The events of a partition that a filter lets through. */
export interface Asked {
  readonly partition: Partition;
  readonly where: Filter;
}
type Ask = (of: readonly Asked[]) => Promise<readonly Row[]>;

/** Ranges of time in which events are looked at beside the counts; past it all of them are. */
const MAX_RANGES = 24;

/**
 * The rows of an aggregate (`g0`…, `step`, the functions) from the kept counts, as exact as from the events; undefined when
 * the counts cannot tell. `ask` answers the aggregate from the events of some partitions, each with a filter.
 */
export async function countedRows(
  read: Read,
  partitions: readonly Partition[],
  query: AggregateQuery,
  ask: Ask,
): Promise<readonly Row[] | undefined> {
  const { kind, where, groupBy, stepMs, functions } = query;
  const sources = countedSources(partitions, { kind, where, fields: groupBy, stepMs });
  if (sources === undefined) return undefined;
  if (functions.every((name) => name in MERGED)) {
    const figures = functions.map((name) => `${MERGED[name]} AS ${name}`);
    return read(groupedSql(sources, query, figures), valuesOf(sources));
  }
  return isOfSingleRows(query) ? percentileRows(read, partitions, sources, query, ask) : undefined;
}

function groupedSql(sources: readonly Sql[], { groupBy, stepMs }: AggregateQuery, figures: readonly string[]): string {
  const step = stepMs === undefined ? '0' : `(${stepSql(stepMs)})::DOUBLE`;
  const groups = groupBy.map((field, index) => `"${field}" AS g${index}`);
  const places = Array.from({ length: groupBy.length + 1 }, (_, index) => index + 1).join(', ');
  return (
    `SELECT ${[`${step} AS step`, ...groups, ...figures].join(', ')} FROM (${sources.map(({ text }) => text).join(' UNION ALL ')}) ` +
    `GROUP BY ${places} ORDER BY ${places}`
  );
}

function valuesOf(sources: readonly Sql[]) {
  return sources.flatMap(({ values }) => values);
}

/** Whether a group of the answer is usually one row of the counts, whose percentiles it then has. */
function isOfSingleRows({ kind, where, groupBy, stepMs, functions }: AggregateQuery): boolean {
  const counted = COUNTED[kind];
  const filters = where.op === 'all' ? where.filters : [where];
  const isOne = (field: string) =>
    filters.some((filter) => filter.op === 'one_of' && filter.field === field && filter.values.length === 1);
  return (
    counted !== undefined &&
    stepMs === counted.stepMs &&
    functions.every((name) => name in MERGED || name in counted.figures) &&
    counted.fields.every((field) => groupBy.includes(field) || isOne(field))
  );
}

/**
 * Percentiles cannot be put together from those of parts: a stretch of time that has any group in more than one part (late
 * events, the seam between two countings, what is not counted yet) is asked of the events.
 */
async function percentileRows(
  read: Read,
  partitions: readonly Partition[],
  sources: readonly Sql[],
  query: AggregateQuery,
  ask: Ask,
): Promise<readonly Row[] | undefined> {
  const { where, functions, stepMs = 0 } = query;
  const figures = functions.map((name) => `${MERGED[name] ?? `any_value(${name})`} AS ${name}`);
  const rows = await read(
    groupedSql(sources, query, [...figures, 'count(*) > 1 OR bool_or(is_event) AS is_mixed']),
    valuesOf(sources),
  );
  const mixed = new Set(rows.filter((row) => row.is_mixed === true).map((row) => Number(row.step)));
  if (mixed.size === 0) return rows;
  const ranges = rangesOf(mixed, stepMs);
  if (ranges.length > MAX_RANGES) return undefined;
  const kept = rows.filter((row) => !mixed.has(Number(row.step)));
  const asked = await ask(
    partitions.flatMap((partition) => {
      const here = ranges.filter(({ from, to }) => to >= partition.minTime && from <= partition.maxTime);
      // One by one: of ranges that are joined by OR all rows of a day are looked at.
      return here.map((range) => ({ partition, where: all(where, range) }));
    }),
  );
  return [...kept, ...asked].sort((a, b) => Number(a.step) - Number(b.step));
}

/** Steps that follow each other as one range. */
function rangesOf(steps: ReadonlySet<number>, stepMs: number): readonly Range[] {
  const ranges: Range[] = [];
  for (const step of [...steps].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last.to + 1 === step)
      ranges[ranges.length - 1] = { op: 'time', from: last.from, to: step + stepMs - 1 };
    else ranges.push({ op: 'time', from: step, to: step + stepMs - 1 });
  }
  return ranges;
}
