import type { Collection, Document } from 'mongodb';
import type { Kind } from '../../../schemas/event.ts';
import type { Field } from '../../core/filter.ts';
import type { AggregateFn, AggregateGroup, AggregatePoint, AggregateQuery, Aggregation } from '../store.ts';
import { questionOptions } from './deadline.ts';
import type { EventDocument } from './event-document.ts';
import { fieldExpression, filterQuery } from './filter-query.ts';
import { withoutRegex } from './regex-matches.ts';

/** What statistics are of. */
const VALUES: Readonly<Partial<Record<Kind, string>>> = { metric: '$value', span: '$duration_ms' };

/** Counts and statistics by group and step, counted in the server. */
export async function queryAggregate(
  collection: Collection<EventDocument>,
  query: AggregateQuery,
  signal?: AbortSignal,
): Promise<Aggregation> {
  const [where] = await withoutRegex(collection, query.where, [query.where], signal);
  const pipeline = [{ $match: filterQuery(where).match }, ...statistics(query)];
  const rows = await collection.aggregate<Row>(pipeline, { ...questionOptions(signal), allowDiskUse: true }).toArray();
  return { groups: groupsOf(rows, query), exact: true };
}

/** A group at a step: its words by their places, its time, and the figures that its statistics are made of. */
interface Row extends Readonly<Record<string, unknown>> {
  readonly _id: { readonly time: number } & Readonly<Record<string, unknown>>;
}

function statistics({ kind, functions, groupBy, stepMs }: AggregateQuery): readonly Document[] {
  const value = VALUES[kind] ?? null;
  const shares = functions.flatMap((fn) => shareOf(fn) ?? []);
  return [
    {
      $project: {
        key: groupKey(groupBy, stepMs),
        value,
        timestamp: 1,
        id: 1,
        ...(functions.includes('rate') && SERIES),
      },
    },
    ...(functions.includes('rate') ? [PREVIOUS] : []),
    ...(shares.length > 0 ? [RANKS] : []),
    { $group: Object.assign({ _id: '$key' }, ...functions.map(accumulators)) },
  ];
}

const SERIES = {
  series: {
    service: '$service',
    host: { $ifNull: ['$host', null] },
    name: '$name',
    tags: { $ifNull: ['$tags', []] },
  },
};

/** The value before each in its series. */
const PREVIOUS = {
  $setWindowFields: {
    partitionBy: '$series',
    sortBy: { timestamp: 1, id: 1 },
    output: { previous: { $shift: { output: '$value', by: -1 } } },
  },
};

/** The rank of each value in its group, from 1, and how many there are: what exact percentiles are found by. */
const RANKS = {
  $setWindowFields: {
    partitionBy: '$key',
    sortBy: { value: 1 },
    output: {
      rank: { $documentNumber: {} },
      values: { $count: {}, window: { documents: ['unbounded', 'unbounded'] } },
    },
  },
};

function groupKey(groupBy: readonly Field[], stepMs: number | undefined): Document {
  const words = Object.fromEntries(groupBy.map((field, place) => [`by${place}`, fieldExpression(field)]));
  const step = { $floor: { $divide: [{ $toLong: '$timestamp' }, stepMs] } };
  return { ...words, time: stepMs === undefined ? { $literal: 0 } : { $multiply: [step, stepMs] } };
}

function accumulators(fn: AggregateFn): Document {
  switch (fn) {
    case 'count':
      return { count: { $sum: 1 } };
    case 'newest':
      return { newest: NEWEST };
    case 'last':
      return { last: { $top: { sortBy: { timestamp: -1, id: -1 }, output: '$value' } } };
    case 'avg':
    case 'min':
    case 'max':
    case 'sum':
      return { [fn]: { [`$${fn}`]: '$value' } };
    case 'rate':
      return {
        increase: { $sum: INCREASE },
        increases: { $sum: { $cond: [{ $eq: ['$previous', null] }, 0, 1] } },
        first: { $min: { $toLong: '$timestamp' } },
        newest: NEWEST,
      };
    default:
      return {
        values: { $first: '$values' },
        [`${fn}Below`]: valueAt({ $floor: rankOf(fn) }),
        [`${fn}Above`]: valueAt({ $ceil: rankOf(fn) }),
      };
  }
}

const NEWEST = { $max: { $toLong: '$timestamp' } };

/** A smaller value than the one before it: the counter began anew. */
const INCREASE = {
  $cond: [
    { $eq: ['$previous', null] },
    0,
    { $cond: [{ $gte: ['$value', '$previous'] }, { $subtract: ['$value', '$previous'] }, '$value'] },
  ],
};

function shareOf(fn: AggregateFn): number | undefined {
  return /^p\d\d$/.test(fn) ? Number(fn.slice(1)) / 100 : undefined;
}

/** Where a percentile stands among the sorted values, from 0; between two of them mostly. */
function rankOf(fn: AggregateFn): Document {
  return { $multiply: [shareOf(fn), { $subtract: ['$values', 1] }] };
}

/** The one value of the group at that rank. */
function valueAt(rank: Document): Document {
  return { $max: { $cond: [{ $eq: [{ $subtract: ['$rank', 1] }, rank] }, '$value', null] } };
}

function groupsOf(rows: readonly Row[], query: AggregateQuery): readonly AggregateGroup[] {
  const groups = new Map<string, { group: AggregateGroup['group']; points: AggregatePoint[] }>();
  for (const row of rows) {
    const words = query.groupBy.map((field, place) => [field, row._id[`by${place}`] ?? null] as const);
    const key = JSON.stringify(words);
    const point = { time: row._id.time, values: valuesOf(row, query) };
    const known = groups.get(key);
    if (known !== undefined) known.points.push(point);
    else groups.set(key, { group: Object.fromEntries(words) as AggregateGroup['group'], points: [point] });
  }
  return Array.from(groups.values(), ({ group, points }) => ({
    group,
    points: points.sort((a, b) => a.time - b.time),
  }));
}

function valuesOf(row: Row, { functions, stepMs }: AggregateQuery): AggregatePoint['values'] {
  const values: Partial<Record<AggregateFn, number>> = {};
  for (const fn of functions) {
    const value = fn === 'rate' ? rateOf(row, stepMs) : shareOf(fn) === undefined ? row[fn] : percentileOf(row, fn);
    if (typeof value === 'number') values[fn] = value;
  }
  return values;
}

function percentileOf(row: Row, fn: AggregateFn): number | undefined {
  const below = row[`${fn}Below`];
  const above = row[`${fn}Above`];
  if (typeof below !== 'number' || typeof above !== 'number') return undefined;
  const rank = (shareOf(fn) ?? 0) * (Number(row.values) - 1);
  return below + (above - below) * (rank - Math.floor(rank));
}

function rateOf({ increase, increases, first, newest }: Row, stepMs: number | undefined): number | undefined {
  if (increases === 0) return undefined;
  const ms = stepMs ?? Number(newest) - Number(first);
  return ms === 0 ? undefined : Number(increase) / (ms / 1000);
}
