import type { Redis } from 'ioredis';
import type { BaseLogger } from 'pino';
import type { Clock } from '../../core/clock.ts';
import { untilReady } from '../../redis/connection.ts';
import type { Delivery, Payload, Position, Topic } from '../bus.ts';
import { isWholeAfter, newestId, rangeAfter, readAfter } from './commands.ts';
import { decode, type Entry, eventsIn } from './entry.ts';
import type { OwnMessages } from './own-messages.ts';
import { compareIds, isStreamId, START, type StreamId } from './stream-id.ts';

/** Events that are handed on before the event loop has a turn: decoding them takes some milliseconds. */
const TURN_EVENTS = 2000;
/** The wait before Redis is asked again what it has refused. */
const RETRY_MS = 1000;

interface ReaderParts<T extends Topic> {
  readonly topic: T;
  readonly stream: string;
  readonly origin: string;
  readonly own: OwnMessages;
  /** The connection that publishes: what is asked on it is answered in the order of what is published. */
  readonly redis: Redis;
  /** A connection that may be kept waiting. */
  readonly open: () => Redis;
  readonly clock: Clock;
  readonly log: Pick<BaseLogger, 'error' | 'warn'>;
}

interface Subscriber<T extends Topic> {
  readonly listener: (delivery: Delivery<T>) => void;
  /** What it has heard last; undefined: everything that comes is new. */
  at: StreamId | undefined;
}

/**
 * Reads one stream for all who listen to it here, while anybody does, over a connection of its own. Whoever begins at an
 * older position first reads for itself until it has caught up.
 */
export class TopicReader<T extends Topic> {
  readonly #parts: ReaderParts<T>;
  readonly #live = new Set<Subscriber<T>>();
  readonly #behind = new Set<Subscriber<T>>();
  #session: Session | undefined;
  #newest: StreamId = START;
  gaps = 0;

  constructor(parts: ReaderParts<T>) {
    this.#parts = parts;
  }

  get subscribers(): number {
    return this.#live.size + this.#behind.size;
  }

  /** The newest entry that is known here. */
  get position(): Position {
    return this.#newest;
  }

  /** Says that an entry is there. */
  know(id: StreamId): void {
    if (compareIds(id, this.#newest) > 0) this.#newest = id;
  }

  /** Answers how to end it. */
  add(listener: (delivery: Delivery<T>) => void, after: Position | undefined): () => void {
    const subscriber: Subscriber<T> = { listener, at: undefined };
    if (after === undefined) this.#join(subscriber);
    else {
      this.#behind.add(subscriber);
      void this.#catchUp(subscriber, after);
    }
    return () => {
      this.#behind.delete(subscriber);
      this.#live.delete(subscriber);
      if (this.#live.size === 0) this.#end();
    };
  }

  close(): void {
    this.#live.clear();
    this.#behind.clear();
    this.#end();
  }

  #end(): void {
    this.#session?.redis.disconnect();
    this.#session = undefined;
  }

  #join(subscriber: Subscriber<T>): void {
    this.#behind.delete(subscriber);
    this.#live.add(subscriber);
    if (this.#session !== undefined) return;
    const session: Session = { redis: this.#parts.open(), at: subscriber.at };
    this.#session = session;
    // Asked before anything that is published from now on: nothing of it can be missed.
    const now = subscriber.at === undefined ? newestId(this.#parts.redis, this.#parts.stream) : subscriber.at;
    void this.#read(session, Promise.resolve(now)).catch((error: unknown) =>
      this.#parts.log.error({ err: error, topic: this.#parts.topic }, 'a reader of the bus has ended'),
    );
  }

  async #read(session: Session, now: Promise<StreamId>): Promise<void> {
    const { stream, log } = this.#parts;
    const { redis } = session;
    /** Set while something may have been missed that nobody was told of. */
    let missed = false;
    try {
      session.at = await now;
    } catch {
      missed = true;
    }
    while (this.#session === session) {
      try {
        await untilReady(redis);
        if (this.#session !== session) return;
        session.at ??= await newestId(redis, stream);
        if (missed) this.#tellGap();
        missed = false;
        const { whole, entries } = await readAfter(redis, stream, session.at);
        if (!whole && session.lostAt !== session.at) {
          session.lostAt = session.at;
          this.#tellGap();
          // A stream that was made anew may count from an earlier time.
          const newest = await newestId(redis, stream);
          if (compareIds(newest, session.at) < 0) this.#startOver(session);
        }
        for (const entry of entries) await this.#hand(session, entry);
      } catch (error) {
        if (this.#session !== session) return;
        // A server that restarted may have lost what nobody had read.
        missed = true;
        if (redis.status !== 'ready') continue;
        log.warn({ err: error, topic: this.#parts.topic }, 'the bus could not be read: trying again');
        await this.#pause();
      }
    }
  }

  #startOver(session: Session): void {
    session.at = START;
    for (const subscriber of this.#live) subscriber.at = undefined;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#parts.clock.after(RETRY_MS, resolve));
  }

  /** Gives an entry to all who have not heard it. */
  async #hand(session: Session, entry: Entry): Promise<void> {
    if (this.#session !== session || session.at === undefined || compareIds(entry.id, session.at) <= 0) return;
    session.at = entry.id;
    this.know(entry.id);
    const delivery = this.#deliveryOf(entry, true);
    // Who joins meanwhile hears what comes later.
    for (const subscriber of [...this.#live]) {
      if (subscriber.at !== undefined && compareIds(entry.id, subscriber.at) <= 0) continue;
      subscriber.at = undefined;
      if (this.#live.has(subscriber)) this.#deliver(subscriber, delivery);
    }
    if (delivery.type === 'gap') return;
    session.events = (session.events ?? 0) + eventsIn(delivery.payload);
    if (session.events < TURN_EVENTS) return;
    session.events = 0;
    await new Promise(setImmediate);
  }

  async #catchUp(subscriber: Subscriber<T>, after: Position): Promise<void> {
    const { redis, stream, log, topic } = this.#parts;
    let at: StreamId | undefined = isStreamId(after) ? after : undefined;
    let checked = false;
    while (this.#behind.has(subscriber)) {
      try {
        await untilReady(redis);
        if (!checked && (at === undefined || !(await isWholeAfter(redis, stream, at)))) {
          at = START;
          this.#deliver(subscriber, { type: 'gap' });
        }
        checked = true;
        const { entries, last } = await rangeAfter(redis, stream, at ?? START);
        for (const entry of entries) {
          if (!this.#behind.has(subscriber)) return;
          at = entry.id;
          this.know(entry.id);
          this.#deliver(subscriber, this.#deliveryOf(entry, false));
        }
        if (last && this.#behind.has(subscriber) && this.#hasCaughtUp(at ?? START)) {
          subscriber.at = at ?? START;
          this.#join(subscriber);
        }
      } catch (error) {
        if (redis.status === 'end') return;
        checked = false;
        if (redis.status !== 'ready') continue;
        log.warn({ err: error, topic }, 'the past of the bus could not be read: trying again');
        await this.#pause();
      }
    }
  }

  /** Whether what comes next to those who are live is all that comes after `at`. */
  #hasCaughtUp(at: StreamId): boolean {
    if (this.#session === undefined) return true;
    const { at: live } = this.#session;
    return live !== undefined && compareIds(at, live) >= 0;
  }

  #deliveryOf({ id, fields }: Entry, live: boolean): Delivery<T> {
    const { topic, origin, own, log } = this.#parts;
    const { o, n = '', d, gap } = fields;
    if (gap !== undefined) return { type: 'gap' };
    try {
      const mine = live && o === origin ? own.take(topic, Number(n)) : undefined;
      const payload: Payload<T> = mine ?? decode(topic, d ?? '');
      return { type: 'message', position: id, payload };
    } catch (error) {
      log.error({ err: error, topic, entry: id }, 'an entry of the bus makes no sense: it is taken for a gap');
      return { type: 'gap' };
    }
  }

  #tellGap(): void {
    for (const subscriber of this.#live) this.#deliver(subscriber, { type: 'gap' });
  }

  #deliver(subscriber: Subscriber<T>, delivery: Delivery<T>): void {
    if (delivery.type === 'gap') this.gaps++;
    try {
      subscriber.listener(delivery);
    } catch (error) {
      this.#parts.log.error({ err: error }, 'a bus listener failed');
    }
  }
}

/** One connection, from the first who listens to the last. */
interface Session {
  readonly redis: Redis;
  /** What was read last. */
  at: StreamId | undefined;
  /** The position whose loss was told. */
  lostAt?: StreamId;
  events?: number;
}
