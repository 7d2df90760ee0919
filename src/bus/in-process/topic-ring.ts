import type { Delivery, Payload, Position, Topic } from '../bus.ts';

/**
 * Events kept of each topic for who comes back with a position. Every one of them outlives the young generation, and
 * under 300,000 events/s that is what history costs; what is older is in the store.
 */
export const HISTORY_EVENTS = 4096;
/** Events that may wait for delivery: what the busiest turn of the event loop stores, several times over. */
export const UNDELIVERED_EVENTS = 65_536;

type Listener<T extends Topic> = (delivery: Delivery<T>) => void;

interface Reader<T extends Topic> {
  readonly listener: Listener<T>;
  /** The number of the message it hears next. */
  next: number;
}

/** The newest messages of one topic, numbered from 0, and how far each reader has come. Nothing is delivered until `deliver`. */
export class TopicRing<T extends Topic> {
  readonly #epoch: string;
  readonly #readers = new Set<Reader<T>>();
  #kept: Payload<T>[] = [];
  /** The number of `#kept[0]`. */
  #first = 0;
  #events = 0;
  /** Gaps that readers were told of. */
  gaps = 0;

  /** Positions start with `epoch`, so that one of another life of the process is not taken for one of this. */
  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  get readers(): number {
    return this.#readers.size;
  }

  get position(): Position {
    return this.#positionOf(this.#end - 1);
  }

  push(payload: Payload<T>): void {
    this.#kept.push(payload);
    this.#events += eventsIn(payload);
    this.#forget(this.#readers.size === 0 ? HISTORY_EVENTS : UNDELIVERED_EVENTS);
  }

  /** Adds a reader that starts after `after`, or with the next message. Answers how to remove it. */
  add(listener: Listener<T>, after: Position | undefined): () => void {
    const reader = { listener, next: after === undefined ? this.#end : this.#numberAfter(after) };
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** Whether a reader has something to hear. */
  get waiting(): boolean {
    for (const { next } of this.#readers) if (next < this.#end) return true;
    return false;
  }

  /** Brings every reader to what is the newest message now. What a listener throws goes to `onError`. */
  deliver(onError: (error: unknown) => void): void {
    const end = this.#end;
    for (const reader of this.#readers) {
      while (reader.next < end && this.#readers.has(reader)) {
        try {
          reader.listener(this.#take(reader));
        } catch (error) {
          onError(error);
        }
      }
    }
    this.#forget(HISTORY_EVENTS);
  }

  clear(): void {
    this.#readers.clear();
    this.#first = this.#end;
    this.#kept = [];
    this.#events = 0;
  }

  #take(reader: Reader<T>): Delivery<T> {
    if (reader.next < this.#first) {
      reader.next = this.#first;
      this.gaps++;
      return { type: 'gap' };
    }
    const number = reader.next++;
    const payload = this.#kept[number - this.#first];
    if (payload === undefined) throw new Error(`BUG: message ${number} is neither kept nor forgotten`);
    return { type: 'message', position: this.#positionOf(number), payload };
  }

  /** Lets go of the oldest until at most `limit` events are kept. The newest message stays, whatever its size. */
  #forget(limit: number): void {
    let dead = 0;
    while (this.#events > limit && dead < this.#kept.length - 1) {
      const oldest = this.#kept[dead++];
      if (oldest !== undefined) this.#events -= eventsIn(oldest);
    }
    if (dead === 0) return;
    this.#kept.splice(0, dead);
    this.#first += dead;
  }

  /** The number one above that of the newest message. */
  get #end(): number {
    return this.#first + this.#kept.length;
  }

  #positionOf(number: number): Position {
    return `${this.#epoch}.${number}`;
  }

  /** A position that is none of ours comes before everything: its reader is told of a gap. */
  #numberAfter(position: Position): number {
    const [epoch, number = ''] = position.split('.');
    const next = epoch === this.#epoch && /^(-1|\d+)$/.test(number) ? Number(number) + 1 : -1;
    return next <= this.#end ? next : -1;
  }
}

function eventsIn(payload: Payload<Topic>): number {
  return 'events' in payload ? payload.events.length : 1;
}
