import { SCHEMA_VERSION } from '../../schemas/common.ts';
import type { Kind, SentEvent, WireEvent } from '../../schemas/event.ts';
import { formatTimestamp } from './timestamp.ts';

/**
 * An event inside Lightwatch: what was sent, checked and brought to version 2, with its time in milliseconds since the
 * epoch. It has no id yet: the store gives it one. A span's `timestamp` is its `start`; both its ends are RFC 3339 in UTC.
 */
export type EventOf<K extends Kind = Kind> = Events[K];
type Received<K extends Kind> = Omit<SentEvent<K>, 'timestamp' | 'schema_version'> & { timestamp: number };
/** Spelt out, so that TypeScript knows an event of any one kind to be an event. */
interface Events {
  log: Received<'log'>;
  metric: Received<'metric'>;
  security: Received<'security'>;
  heartbeat: Received<'heartbeat'>;
  span: Received<'span'> & { duration_ms: number };
}

/** An event as the store gives it back. `received_at` is in milliseconds since the epoch. */
export type StoredEvent<K extends Kind = Kind> = EventOf<K> & {
  id: string;
  event_id: string;
  timestamp: number;
  received_at: number;
};

/**
 * Events of one kind that were stored together, in the order of their ids. It travels over the bus as it is, so that an
 * event costs nothing until somebody looks at it.
 */
export interface StoredBatch<K extends Kind = Kind> {
  readonly kind: K;
  readonly receivedAt: number;
  readonly events: readonly EventOf<K>[];
  /** The id of `events[index]`. */
  id(index: number): string;
}

/** The event at `index` of a batch, with what the store added. */
export function storedEvent<K extends Kind>(batch: StoredBatch<K>, index: number): StoredEvent<K> {
  const event = batch.events[index];
  if (event === undefined) throw new Error(`BUG: a batch of ${batch.events.length} has no event ${index}`);
  const id = batch.id(index);
  // What is made here comes first: an object that grows after it was spread is slow to make and to read.
  const stored = { id, event_id: id, received_at: batch.receivedAt, ...event };
  return stored as unknown as StoredEvent<K>;
}

/** A stored event as clients see it: times as RFC 3339 in UTC, what the store made first. */
export function toWire<K extends Kind>(event: StoredEvent<K>): WireEvent<K> {
  const { id, event_id, timestamp, received_at, ...rest } = event;
  const wire = {
    id,
    event_id,
    timestamp: formatTimestamp(timestamp),
    received_at: formatTimestamp(received_at),
    schema_version: SCHEMA_VERSION,
    ...rest,
  };
  return wire as unknown as WireEvent<K>;
}
