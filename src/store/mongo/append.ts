import type { Collection } from 'mongodb';
import type { Kind } from '../../../schemas/event.ts';
import type { EventOf } from '../../core/event.ts';
import type { Appended } from '../store.ts';
import { questionOptions, type Within } from './deadline.ts';
import { type EventDocument, encodeEvent } from './event-document.ts';
import { refusedAsDuplicates } from './store-error.ts';

/** The driver has tried again already where the server allows it; this is for servers that do not, and for the rest. */
const TRIES = 2;

/** What `append` needs to know. */
interface NewEvents<K extends Kind> {
  readonly kind: K;
  readonly events: readonly EventOf<K>[];
  readonly receivedAt: number;
  /** The id of `events[index]`, unless it is a repeat. */
  readonly id: (index: number) => string;
}

/**
 * Stores events with one unordered write, acknowledged by a majority that has it in its journals. The server refuses
 * those whose `_id` it has: they are repeats, or this call's own from a first try whose answer was lost. So the write may
 * be tried again, here and by the sender, as long as the events keep their `_id`.
 *
 * A majority answers for refusals too: the server waits until all that it has seen so far is safe.
 */
export async function append<K extends Kind>(
  collection: Collection<EventDocument>,
  { kind, events, receivedAt, id }: NewEvents<K>,
  within: Within,
): Promise<Appended<K>> {
  const arrived = new Date(receivedAt);
  const documents = events.map((event, index) => encodeEvent(event, id(index), arrived));
  const firsts = await insert(collection, documents, within);
  if (firsts.size === 0) return { stored: { kind, receivedAt, events, id }, id };
  const ids = documents.map((document) => firsts.get(document._id) ?? document.id);
  const places = documents.flatMap((document, index) => (ids[index] === document.id ? [index] : []));
  return {
    stored: {
      kind,
      receivedAt,
      events: places.flatMap((place) => events[place] ?? []),
      id: (index) => ids[places[index] ?? -1] ?? '',
    },
    id: (index) => ids[index] ?? '',
  };
}

/** Stores all that is new; answers the ids under which the others are stored, by their `_id`. */
async function insert(
  collection: Collection<EventDocument>,
  documents: readonly EventDocument[],
  within: Within,
): Promise<ReadonlyMap<string, string>> {
  for (let tried = 1; ; tried++) {
    try {
      await collection.insertMany(documents, { ordered: false, ...within() });
      return new Map();
    } catch (cause) {
      const refused = refusedAsDuplicates(cause, documents.length)?.flatMap((index) => documents[index]?._id ?? []);
      const firsts = refused && (await firstIds(collection, refused));
      if (firsts !== undefined) return firsts;
      if (tried === TRIES) throw cause;
    }
  }
}

/** The ids of the events with these `_id`s; undefined when one of them is gone again, and can be stored anew. */
async function firstIds(
  collection: Collection<EventDocument>,
  refused: readonly string[],
): Promise<ReadonlyMap<string, string> | undefined> {
  const wanted = new Set(refused);
  const found = await collection
    .find({ _id: { $in: [...wanted] } }, { projection: { id: 1 }, ...questionOptions() })
    .toArray();
  return found.length === wanted.size ? new Map(found.map(({ _id, id }) => [_id, id])) : undefined;
}
