import type { Collection } from 'mongodb';
import type { TallyGroup, TallyQuery } from '../store.ts';
import { questionOptions } from './deadline.ts';
import type { EventDocument } from './event-document.ts';
import { filterExpression } from './filter-expression.ts';
import { fieldExpression, filterQuery } from './filter-query.ts';
import { withoutRegex } from './regex-matches.ts';

interface Row {
  readonly _id: Readonly<Record<string, unknown>>;
  readonly counts: readonly number[];
}

/** How many events match each filter, by group, in one pass over what they have in common. */
export async function queryTally(
  collection: Collection<EventDocument>,
  { where, filters, groupBy }: TallyQuery,
  signal?: AbortSignal,
): Promise<readonly TallyGroup[]> {
  if (filters.length === 0) return [];
  const [common, ...each] = await withoutRegex(collection, where, [where, ...filters], signal);
  const pipeline = [
    { $match: filterQuery(common ?? where).match },
    {
      $group: {
        _id: Object.fromEntries(groupBy.map((field, place) => [`by${place}`, fieldExpression(field)])),
        ...Object.fromEntries(
          each.map((filter, place) => [`of${place}`, { $sum: { $cond: [filterExpression(filter), 1, 0] } }]),
        ),
      },
    },
    { $project: { counts: each.map((_, place) => `$of${place}`) } },
  ];
  const rows = await collection.aggregate<Row>(pipeline, { ...questionOptions(signal), allowDiskUse: true }).toArray();
  return rows
    .filter(({ counts }) => counts.some((count) => count > 0))
    .map(({ _id, counts }) => ({
      group: Object.fromEntries(
        groupBy.map((field, place) => [field, _id[`by${place}`] ?? null]),
      ) as TallyGroup['group'],
      counts,
    }));
}
