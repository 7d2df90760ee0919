import type { Collection, Document } from 'mongodb';
import type { Cursor } from '../store.ts';
import { questionOptions } from './deadline.ts';
import type { EventDocument } from './event-document.ts';
import { queryTimeout } from './store-error.ts';

/** Events of one batch: a few megabytes at most places, and not a round trip for every handful. */
export const BATCH_EVENTS = 2000;

export interface Walk {
  readonly match: Document;
  readonly order: 'asc' | 'desc';
  readonly after?: Cursor;
  /** The first batch's size, when fewer than usual will do. */
  readonly batch?: number;
  readonly projection?: Document;
  readonly signal?: AbortSignal | undefined;
  /** When to give up, as `performance.now()` tells it; never if absent. */
  readonly deadline?: number;
}

/**
 * Matching events in order, batch after batch, each found from where the last one ended: no cursor is kept open on the
 * server, so that a slow reader costs nothing there and can take its time.
 * @throws LW_QUERY_TIMEOUT past the deadline
 */
export async function* walk(
  collection: Collection<EventDocument>,
  { match, order, after, batch = BATCH_EVENTS, projection, signal, deadline = Number.POSITIVE_INFINITY }: Walk,
): AsyncGenerator<readonly EventDocument[]> {
  let place = after;
  for (let limit = batch; ; limit = BATCH_EVENTS) {
    signal?.throwIfAborted();
    if (performance.now() > deadline) throw queryTimeout();
    const filter = place === undefined ? match : { $and: [match, beyond(place, order)] };
    const found = await collection
      .find(filter, { ...questionOptions(signal), ...(projection && { projection }) })
      .sort(sortBy(order))
      .limit(limit)
      // All of them in one answer.
      .batchSize(limit + 1)
      .toArray();
    if (found.length > 0) yield found;
    const last = found.at(-1);
    if (last === undefined || found.length < limit) return;
    place = { timestamp: last.timestamp.getTime(), id: last.id };
  }
}

/** By time, then by arrival. */
export function sortBy(order: 'asc' | 'desc') {
  const direction = order === 'asc' ? 1 : -1;
  return { timestamp: direction, id: direction } as const;
}

/** Events after a place. The first condition is what an index can begin from. */
export function beyond({ timestamp, id }: Cursor, order: 'asc' | 'desc'): Document {
  const at = new Date(timestamp);
  const [from, past] = order === 'asc' ? (['$gte', '$gt'] as const) : (['$lte', '$lt'] as const);
  return { timestamp: { [from]: at }, $or: [{ timestamp: { [past]: at } }, { id: { [past]: id } }] };
}
