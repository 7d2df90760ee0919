import type { AlertMessage } from '../../schemas/live.ts';
import type { EventOf, StoredBatch, StoredEvent } from '../core/event.ts';
import { eventJson } from '../core/event-json.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { Encoding } from './encoding.ts';

/** Items that came together. An item is made into JSON once, and into the bytes of an encoding once, whoever asks. */
export class LiveBatch<I> {
  readonly #items: readonly I[];
  readonly #id: (item: I, index: number) => string;
  readonly #write: (item: I, index: number) => string;
  readonly #json: string[] = [];
  readonly #encoded = new Map<Encoding, Buffer[]>();

  /** @param write an item as JSON */
  constructor(items: readonly I[], id: (item: I, index: number) => string, write: (item: I, index: number) => string) {
    this.#items = items;
    this.#id = id;
    this.#write = write;
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
    const json = this.#write(this.item(index), index);
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
interface Lost {
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
      return eventJson(event, batch.id(index), receivedAt);
    },
  );
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
    (_, index) => eventJson(at(index), at(index).id, formatTimestamp(at(index).received_at)),
  );
}

export function liveAlerts(messages: readonly AlertMessage[]): LiveBatch<AlertMessage> {
  return new LiveBatch(
    messages,
    (message) => message.id,
    (message) => JSON.stringify(message),
  );
}
