import type { Kind } from '../../../schemas/event.ts';
import type { EventOf, StoredEvent } from '../../core/event.ts';

/**
 * An event as a document. `_id` is the sender's `event_id`, or `id` where the sender gave none, so that the server itself
 * refuses a repeat; `id` is Lightwatch's own, in the order of arrival. Tags are pairs, because a field's name may not hold
 * everything that a tag's may, and because pairs can be indexed. What nobody can ask for (`meta`, `attributes`) is JSON
 * text, so that it comes back as it was, whatever its keys.
 */
export interface EventDocument {
  readonly _id: string;
  readonly id: string;
  readonly timestamp: Date;
  readonly received_at: Date;
  readonly tags?: readonly Tag[];
  readonly meta?: string;
  readonly attributes?: string;
  readonly [field: string]: unknown;
}

export interface Tag {
  readonly k: string;
  readonly v: string;
}

/** Fields that are kept as JSON text. */
export const JSON_FIELDS = ['meta', 'attributes'] as const;

export function encodeEvent(event: EventOf, id: string, receivedAt: Date): EventDocument {
  const { event_id, timestamp, tags, meta, ...rest } = event;
  return {
    _id: event_id ?? id,
    id,
    timestamp: new Date(timestamp),
    received_at: receivedAt,
    ...rest,
    ...(tags !== undefined && { tags: encodeTags(tags) }),
    ...(meta !== undefined && { meta: JSON.stringify(meta) }),
    ...('attributes' in rest && { attributes: JSON.stringify(rest.attributes) }),
  } as EventDocument;
}

/** In the order of their keys, so that the same tags are the same value. */
function encodeTags(tags: Readonly<Record<string, string>>): readonly Tag[] {
  return Object.keys(tags)
    .sort()
    .map((k) => ({ k, v: tags[k] ?? '' }));
}

export function decodeEvent<K extends Kind>(document: EventDocument): StoredEvent<K> {
  const { _id, id, timestamp, received_at, tags, ...rest } = document;
  const event: Record<string, unknown> = {
    id,
    event_id: _id,
    timestamp: timestamp.getTime(),
    received_at: received_at.getTime(),
    ...rest,
  };
  if (tags !== undefined) event.tags = Object.fromEntries(tags.map(({ k, v }) => [k, v]));
  for (const field of JSON_FIELDS) {
    const text = event[field];
    if (typeof text === 'string') event[field] = JSON.parse(text);
  }
  return event as unknown as StoredEvent<K>;
}
