import type { Collection, Document } from 'mongodb';
import type { Kind } from '../../../schemas/event.ts';
import type { Filter } from '../../core/filter.ts';
import { matcher } from '../../core/matcher.ts';
import type { Page, PageQuery } from '../store.ts';
import { QUERY_TIMEOUT_MS, questionOptions } from './deadline.ts';
import { decodeEvent, type EventDocument } from './event-document.ts';
import { filterQuery } from './filter-query.ts';
import { beyond, sortBy, walk } from './walk.ts';

/** One page, and how many events match: the two are asked side by side. */
export async function queryPage<K extends Kind>(
  collection: Collection<EventDocument>,
  query: PageQuery<K>,
  signal?: AbortSignal,
): Promise<Page<K>> {
  const { match, exact } = filterQuery(query.where);
  const [documents, total] = await Promise.all([
    exact ? find(collection, match, query, signal) : search(collection, match, query, signal),
    query.total ? count(collection, match, exact ? undefined : query.where, signal) : undefined,
  ]);
  const events = documents.slice(0, query.limit).map((document) => decodeEvent<K>(document));
  const last = events.at(-1);
  return {
    events,
    ...(total !== undefined && { total }),
    ...(last !== undefined && documents.length > query.limit && { next: { timestamp: last.timestamp, id: last.id } }),
  };
}

/** The page and, if there is one, the event after it. */
function find(
  collection: Collection<EventDocument>,
  match: Document,
  { order, limit, offset, after }: PageQuery,
  signal: AbortSignal | undefined,
): Promise<EventDocument[]> {
  const filter = after === undefined ? match : { $and: [match, beyond(after, order)] };
  return collection
    .find(filter, questionOptions(signal))
    .sort(sortBy(order))
    .skip(offset)
    .limit(limit + 1)
    .batchSize(limit + 2)
    .toArray();
}

/** The same where the server can only narrow it down. */
async function search(
  collection: Collection<EventDocument>,
  match: Document,
  { where, order, limit, offset, after }: PageQuery,
  signal: AbortSignal | undefined,
): Promise<EventDocument[]> {
  const matches = matcher(where);
  const found: EventDocument[] = [];
  let skip = offset;
  const deadline = performance.now() + QUERY_TIMEOUT_MS;
  for await (const batch of walk(collection, { match, order, signal, deadline, ...(after && { after }) })) {
    for (const document of batch) {
      if (!matches(decodeEvent(document))) continue;
      if (skip > 0) skip--;
      else found.push(document);
      if (found.length > limit) return found;
    }
  }
  return found;
}

/** @param where what the server cannot judge by itself */
async function count(
  collection: Collection<EventDocument>,
  match: Document,
  where: Filter | undefined,
  signal: AbortSignal | undefined,
): Promise<number> {
  if (where === undefined) return collection.countDocuments(match, questionOptions(signal));
  const matches = matcher(where);
  let total = 0;
  const deadline = performance.now() + QUERY_TIMEOUT_MS;
  // Nobody asks for the largest fields.
  const projection = { meta: 0, attributes: 0 };
  for await (const batch of walk(collection, { match, order: 'desc', projection, signal, deadline })) {
    for (const document of batch) if (matches(decodeEvent(document))) total++;
  }
  return total;
}
