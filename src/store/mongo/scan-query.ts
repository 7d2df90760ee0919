import type { Collection } from 'mongodb';
import type { Kind } from '../../../schemas/event.ts';
import type { StoredEvent } from '../../core/event.ts';
import { matcher } from '../../core/matcher.ts';
import type { ScanQuery } from '../store.ts';
import { decodeEvent, type EventDocument } from './event-document.ts';
import { filterQuery } from './filter-query.ts';
import { BATCH_EVENTS, walk } from './walk.ts';

/** Every matching event in order, in batches; see `Store.scan`. */
export async function* scan<K extends Kind>(
  collection: Collection<EventDocument>,
  { where, order, after, limit = Number.POSITIVE_INFINITY }: ScanQuery<K>,
  signal?: AbortSignal,
): AsyncGenerator<readonly StoredEvent<K>[]> {
  const { match, exact } = filterQuery(where);
  const matches = exact ? () => true : matcher(where);
  let left = limit;
  if (left <= 0) return;
  const batch = exact ? Math.min(left, BATCH_EVENTS) : BATCH_EVENTS;
  for await (const documents of walk(collection, { match, order, batch, signal, ...(after && { after }) })) {
    const events = documents.map((document) => decodeEvent<K>(document)).filter(matches);
    if (events.length > 0) yield events.length > left ? events.slice(0, left) : events;
    left -= events.length;
    if (left <= 0) return;
  }
}
