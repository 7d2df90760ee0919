import type { Redis } from 'ioredis';
import type { Clock, Timer } from '../../core/clock.ts';
import type { Payload, Topic } from '../bus.ts';
import { encode, eventsIn } from './entry.ts';
import type { OwnMessages } from './own-messages.ts';
import type { StreamId } from './stream-id.ts';
import { STREAM_CHARACTERS, streamOf } from './streams.ts';

/** Events that may wait to be encoded: what the busiest turn of the event loop stores, several times over. */
const WAITING_EVENTS = 65_536;
/** Events that are encoded in one turn of the event loop. */
const TURN_EVENTS = 10_000;
/** Characters that may wait for Redis. Past them it is too slow, and what comes is left out. */
export const WAITING_CHARACTERS = 32 * 1024 * 1024;
/** Characters of one pipeline. */
const PIPELINE_CHARACTERS = 4 * 1024 * 1024;
/** How much of the usual size of entries the newest one makes up. */
const NEWEST_SHARE = 1 / 32;
/** The wait before a gap is told again that Redis would not take. */
const RETRY_MS = 1000;

interface PublisherParts {
  readonly redis: Redis;
  readonly clock: Clock;
  readonly prefix: string;
  /** What tells this replica's entries from those of others. */
  readonly origin: string;
  /** Entries that are kept of each stream, about. */
  readonly maxEntries: number;
  readonly own: OwnMessages;
  /** Told of what Redis has taken. */
  readonly onPublished: (topic: Topic, id: StreamId) => void;
}

interface Message<T extends Topic> {
  readonly topic: T;
  readonly payload: Payload<T>;
}

interface Encoded {
  readonly topic: Topic;
  readonly number: number;
  readonly json: string;
}

/**
 * Writes messages to their streams, in pipelines of what has come meanwhile, one at a time so that they keep their order.
 * What Redis may not have taken is not sent again, as it may have; instead readers are told of a gap, as soon as can be.
 */
export class Publisher {
  readonly #parts: PublisherParts;
  #waiting: Message<Topic>[] = [];
  #waitingEvents = 0;
  readonly #encoded: Encoded[] = [];
  #characters = 0;
  /** Topics whose readers are to be told of a gap. */
  readonly #owed = new Set<Topic>();
  /** The usual size of a topic's entries, in characters. */
  readonly #usual = new Map<Topic, number>();
  #messages = 0;
  #turn: NodeJS.Immediate | undefined;
  #sending: Promise<void> | undefined;
  #retry: Timer | undefined;
  readonly figures = { published: 0, dropped: 0 };

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    // A gap is told also when no message follows.
    parts.redis.on('ready', () => this.#pump());
  }

  publish<T extends Topic>(topic: T, payload: Payload<T>): void {
    const isFull = this.#characters > WAITING_CHARACTERS || this.#waitingEvents >= WAITING_EVENTS;
    if (isFull || this.#parts.redis.status !== 'ready') {
      this.#drop(topic);
      return;
    }
    this.#waiting.push({ topic, payload } as Message<Topic>);
    this.#waitingEvents += eventsIn(payload);
    this.#turnSoon();
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#turn !== undefined || this.#sending !== undefined) await (this.#sending ?? new Promise(setImmediate));
  }

  /** Gives up what is still owed; the connection is its owner's. */
  stop(): void {
    this.#retry?.cancel();
  }

  #drop(topic: Topic): void {
    this.figures.dropped++;
    this.#owed.add(topic);
  }

  /** What is published in the same turn goes together, and its publisher pays for nothing. */
  #turnSoon(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#encodeSome();
      this.#pump();
    });
  }

  /** Sends the next pipeline, unless one is under way. */
  #pump(): void {
    if (this.#sending !== undefined || (this.#encoded.length === 0 && !this.#hasToTell)) return;
    if (this.#parts.redis.status !== 'ready') {
      this.#dropAll();
      return;
    }
    this.#sending = this.#send().finally(() => {
      this.#sending = undefined;
      if (this.#waiting.length > 0) this.#turnSoon();
      this.#pump();
    });
  }

  /** Whether a gap is to be told now, rather than when it was refused a moment ago. */
  get #hasToTell(): boolean {
    return this.#owed.size > 0 && this.#retry === undefined;
  }

  #encodeSome(): void {
    let events = 0;
    let taken = 0;
    while (events < TURN_EVENTS && this.#characters <= WAITING_CHARACTERS) {
      const message = this.#waiting[taken];
      if (message === undefined) break;
      taken++;
      events += eventsIn(message.payload);
      this.#encode(message);
    }
    this.#waiting = this.#waiting.slice(taken);
    this.#waitingEvents -= events;
    // Otherwise it goes on when some of it is sent.
    if (this.#waiting.length > 0 && this.#characters <= WAITING_CHARACTERS) this.#turnSoon();
  }

  #encode<T extends Topic>({ topic, payload }: Message<T>): void {
    for (const part of encode(payload)) {
      const number = ++this.#messages;
      this.#parts.own.keep(topic, number, part.payload);
      this.#encoded.push({ topic, number, json: part.json });
      this.#characters += part.json.length;
      const usual = this.#usual.get(topic) ?? part.json.length;
      this.#usual.set(topic, usual + (part.json.length - usual) * NEWEST_SHARE);
    }
  }

  /** Entries to keep of a stream: as many as are asked for, or fewer where they are large. */
  #entriesKept(topic: Topic): number {
    const fit = Math.ceil(STREAM_CHARACTERS / Math.max(1, this.#usual.get(topic) ?? 1));
    return Math.min(this.#parts.maxEntries, fit);
  }

  async #send(): Promise<void> {
    const { redis, prefix, origin, onPublished } = this.#parts;
    const owed = [...this.#owed];
    this.#owed.clear();
    const entries = this.#takeEncoded();
    const pipeline = redis.pipeline();
    const add = (topic: Topic, ...fields: string[]) =>
      pipeline.xadd(streamOf(topic, prefix), 'MAXLEN', '~', this.#entriesKept(topic), '*', 'o', origin, ...fields);
    for (const topic of owed) add(topic, 'gap', '1');
    for (const { topic, number, json } of entries) add(topic, 'n', String(number), 'd', json);
    const answers = await pipeline.exec().catch(() => null);
    for (const [index, topic] of owed.entries()) {
      if (answers?.[index]?.[0] !== null) this.#owed.add(topic);
    }
    for (const [index, { topic }] of entries.entries()) {
      const [error, id] = answers?.[owed.length + index] ?? [new Error('no answer')];
      if (error !== null || typeof id !== 'string') this.#drop(topic);
      else {
        this.figures.published++;
        onPublished(topic, id);
      }
    }
    if (this.#owed.size > 0) this.#tellLater();
  }

  #tellLater(): void {
    this.#retry ??= this.#parts.clock.after(RETRY_MS, () => {
      this.#retry = undefined;
      this.#pump();
    });
  }

  #takeEncoded(): readonly Encoded[] {
    let characters = 0;
    let count = 0;
    while (count < this.#encoded.length && characters < PIPELINE_CHARACTERS) {
      characters += this.#encoded[count++]?.json.length ?? 0;
    }
    this.#characters -= characters;
    return this.#encoded.splice(0, count);
  }

  /** Without Redis nothing waits for it: it may be away for long. */
  #dropAll(): void {
    for (const { topic } of [...this.#encoded, ...this.#waiting]) this.#drop(topic);
    this.#encoded.length = 0;
    this.#characters = 0;
    this.#waiting = [];
    this.#waitingEvents = 0;
  }
}
