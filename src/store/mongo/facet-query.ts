import type { Collection, Document } from 'mongodb';
import type { Field } from '../../core/filter.ts';
import type { FacetQuery, Facets, FacetValue } from '../store.ts';
import { questionOptions } from './deadline.ts';
import type { EventDocument } from './event-document.ts';
import { fieldExpression, filterQuery } from './filter-query.ts';
import { withoutRegex } from './regex-matches.ts';

interface Row {
  readonly total: readonly { readonly total: number }[];
  readonly [place: `by${number}`]: readonly { readonly _id: string; readonly count: number }[];
}

/** The most frequent values of each field, in one pass over the matching events. */
export async function queryFacets(
  collection: Collection<EventDocument>,
  query: FacetQuery,
  signal?: AbortSignal,
): Promise<Facets> {
  const [where] = await withoutRegex(collection, query.where, [query.where], signal);
  const facets = Object.fromEntries(
    query.fields.map((field, place) => [`by${place}`, mostFrequent(field, query.limit)]),
  );
  const pipeline = [{ $match: filterQuery(where).match }, { $facet: { total: [{ $count: 'total' }], ...facets } }];
  const [row] = await collection.aggregate<Row>(pipeline, { ...questionOptions(signal), allowDiskUse: true }).toArray();
  const values: Partial<Record<Field, readonly FacetValue[]>> = {};
  for (const [place, field] of query.fields.entries()) {
    values[field] = (row?.[`by${place}`] ?? []).map(({ _id, count }) => ({ value: _id, count }));
  }
  return { total: row?.total[0]?.total ?? 0, values, exact: true };
}

/** MongoDB compares texts by their bytes, which is by their code points. */
function mostFrequent(field: Field, limit: number): readonly Document[] {
  return [
    { $group: { _id: fieldExpression(field), count: { $sum: 1 } } },
    { $match: { _id: { $ne: null } } },
    { $sort: { count: -1, _id: 1 } },
    { $limit: limit },
  ];
}
