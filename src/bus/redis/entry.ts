import type { AlertMessage } from '../../../schemas/live.ts';
import type { EventOf, StoredBatch } from '../../core/event.ts';
import type { Payload, Topic } from '../bus.ts';
import type { StreamId } from './stream-id.ts';

/** Events of one entry. What a reader decodes at a time is a few entries, and must not hold up its event loop. */
export const ENTRY_EVENTS = 1000;
/** Characters of one entry; a single event is smaller. */
export const ENTRY_CHARACTERS = 1024 * 1024;

/**
 * An entry of a stream: `o` is the replica that wrote it and `n` its count there, `d` the message as JSON. One with `gap`
 * instead says that messages of its writer are missing before it.
 */
export interface Entry {
  readonly id: StreamId;
  readonly fields: Readonly<Record<string, string>>;
}

/** What is published, in parts that make one entry each, with the JSON of each. */
export interface Part<T extends Topic> {
  readonly payload: Payload<T>;
  readonly json: string;
}

interface WrittenBatch {
  readonly kind: StoredBatch['kind'];
  readonly receivedAt: number;
  readonly ids: readonly string[];
  readonly events: readonly EventOf[];
}

export function encode<T extends Topic>(payload: Payload<T>): Part<T>[] {
  if (!isBatch(payload)) return [{ payload, json: JSON.stringify(payload) }];
  const parts: StoredBatch[] = [];
  for (let from = 0; from < payload.events.length; from += ENTRY_EVENTS) {
    parts.push(
      from === 0 && payload.events.length <= ENTRY_EVENTS ? payload : slice(payload, from, from + ENTRY_EVENTS),
    );
  }
  return parts.flatMap(encodeBatch) as unknown as Part<T>[];
}

/** @throws SyntaxError, TypeError when it is nothing that `encode` made */
export function decode<T extends Topic>(topic: T, json: string): Payload<T> {
  const read: AlertMessage | WrittenBatch = JSON.parse(json);
  if (topic === 'alert') return read as Payload<T>;
  const { kind, receivedAt, ids, events } = read as WrittenBatch;
  if (kind !== topic || ids.length !== events.length) throw new TypeError(`this is no batch of the topic ${topic}`);
  const batch: StoredBatch = { kind, receivedAt, events, id: (index) => idAt(ids, index) };
  return batch as unknown as Payload<T>;
}

/** Entries as Redis answers them: an id, and fields and values in turn. */
export function readEntries(answer: readonly (readonly [id: string, fields: readonly string[]])[]): Entry[] {
  return answer.map(([id, flat]) => {
    const fields: Record<string, string> = {};
    for (let at = 0; at + 1 < flat.length; at += 2) fields[flat[at] ?? ''] = flat[at + 1] ?? '';
    return { id, fields };
  });
}

export function eventsIn(payload: Payload<Topic>): number {
  return 'events' in payload ? payload.events.length : 1;
}

function isBatch(payload: AlertMessage | StoredBatch): payload is StoredBatch {
  return 'events' in payload;
}

function encodeBatch(batch: StoredBatch): { payload: StoredBatch; json: string }[] {
  const { kind, receivedAt, events } = batch;
  const ids = Array.from(events, (_, index) => batch.id(index));
  const written: WrittenBatch = { kind, receivedAt, ids, events };
  const json = JSON.stringify(written);
  if (json.length <= ENTRY_CHARACTERS || events.length === 1) return [{ payload: batch, json }];
  const middle = events.length >> 1;
  return [slice(batch, 0, middle), slice(batch, middle, events.length)].flatMap(encodeBatch);
}

function slice(batch: StoredBatch, from: number, to: number): StoredBatch {
  return { ...batch, events: batch.events.slice(from, to), id: (index) => batch.id(from + index) };
}

function idAt(ids: readonly string[], index: number): string {
  const id = ids[index];
  if (id === undefined) throw new Error(`BUG: a batch of ${ids.length} has no event ${index}`);
  return id;
}
