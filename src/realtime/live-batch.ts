import { SCHEMA_VERSION } from '../../schemas/common.ts';
import type { AlertMessage } from '../../schemas/live.ts';
import { type EventOf, type StoredBatch, type StoredEvent, toWire } from '../core/event.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { Encoding } from './encoding.ts';

/** Items that came together. An item is made into JSON once, and into the bytes of an encoding once, whoever asks. */
export class LiveBatch<I> {
  readonly #items: readonly I[];
  readonly #id: (item: I, index: number) => string;
  readonly #wire: (item: I, index: number) => unknown;
  readonly #json: string[] = [];
  readonly #encoded = new Map<Encoding, Buffer[]>();

  constructor(items: readonly I[], id: (item: I, index: number) => string, wire: (item: I, index: number) => unknown) {
    this.#items = items;
    this.#id = id;
    this.#wire = wire;
  }

  get size(): number {
    return this.#items.length;
  }

  get all(): Found<I> {
    return { batch: this, indices: numbersTo(this.size) };
  }

  item(index: number): I {
    const item = this.#items[index];
    if (item === undefined) throw new Error(`BUG: a batch of ${this.size} has no item ${index}`);
    return item;
  }

  id(index: number): string {
    return this.#id(this.item(index), index);
  }

  bytes(encoding: Encoding, index: number): Buffer {
    const encoded = this.#encoded.get(encoding) ?? [];
    if (encoded.length === 0) this.#encoded.set(encoding, encoded);
    const known = encoded[index];
    if (known !== undefined) return known;
    const bytes = encoding.event(this.#jsonOf(index), this.id(index));
    encoded[index] = bytes;
    return bytes;
  }

  #jsonOf(index: number): string {
    const known = this.#json[index];
    if (known !== undefined) return known;
    const json = JSON.stringify(this.#wire(this.item(index), index));
    this.#json[index] = json;
    return json;
  }
}

let numbers: readonly number[] = [];

/** 0, 1, 2 … below `end`: every batch needs them, and a slice of what was made once is the cheapest. */
function numbersTo(end: number): readonly number[] {
  if (numbers.length < end) numbers = Array.from({ length: end }, (_, index) => index);
  return numbers.slice(0, end);
}

/** Some items of a batch, in their order. */
export interface Found<I> {
  readonly batch: LiveBatch<I>;
  readonly indices: readonly number[];
}

/** Items that were left out; undefined when nobody counted them. */
export interface Lost {
  readonly lost: number | undefined;
}

export type Part<I> = Found<I> | Lost;

/** Bytes that are written together, and how many items they hold. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly items: number;
}

/** Bytes of a chunk: a client's backlog is looked at before each, and overshoots its bound by no more than this. */
const CHUNK_BYTES = 256 * 1024;

export function encode<I>(parts: readonly Found<I>[], encoding: Encoding): Chunk[] {
  const chunks: Chunk[] = [];
  let run: Buffer[] = [];
  let size = 0;
  const close = () => {
    if (run.length > 0) chunks.push({ bytes: Buffer.concat(run, size), items: run.length });
    run = [];
    size = 0;
  };
  for (const { batch, indices } of parts) {
    for (const index of indices) {
      const bytes = batch.bytes(encoding, index);
      if (size + bytes.length > CHUNK_BYTES) close();
      run.push(bytes);
      size += bytes.length;
    }
  }
  close();
  return chunks;
}

export function liveEvents(batch: StoredBatch): LiveBatch<EventOf> {
  let receivedAt: string | undefined;
  return new LiveBatch(
    batch.events,
    (_, index) => batch.id(index),
    (event, index) => {
      receivedAt ??= formatTimestamp(batch.receivedAt);
      return wireOf(event, batch.id(index), receivedAt);
    },
  );
}

/** `toWire` of `storedEvent` in one copy instead of three: at thousands of events a second that is most of the cost. */
function wireOf(event: EventOf, id: string, receivedAt: string): unknown {
  // What the store made comes first, and stays what it is if a store hands out events that carry it already.
  const made = {
    id,
    event_id: event.event_id ?? id,
    timestamp: formatTimestamp(event.timestamp),
    received_at: receivedAt,
  };
  return Object.assign({ ...made, schema_version: SCHEMA_VERSION }, event, made);
}

/** The same from the store, where events have their ids already. */
export function replayedEvents(events: readonly StoredEvent[]): LiveBatch<EventOf> {
  const at = (index: number) => {
    const event = events[index];
    if (event === undefined) throw new Error(`BUG: a page of ${events.length} has no event ${index}`);
    return event;
  };
  return new LiveBatch<EventOf>(
    events,
    (_, index) => at(index).id,
    (_, index) => toWire(at(index)),
  );
}

export function liveAlerts(messages: readonly AlertMessage[]): LiveBatch<AlertMessage> {
  return new LiveBatch(
    messages,
    (message) => message.id,
    (message) => message,
  );
}
