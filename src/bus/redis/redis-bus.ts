import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { BaseLogger } from 'pino';
import type { Clock } from '../../core/clock.ts';
import { connect } from '../../redis/connection.ts';
import type { Bus, BusStats, Delivery, Payload, Position, Subscription, Topic } from '../bus.ts';
import { BLOCK_MS, newestId } from './commands.ts';
import { OwnMessages } from './own-messages.ts';
import { Publisher } from './publisher.ts';
import { STREAM_ENTRIES, streamOf, TOPICS } from './streams.ts';
import { TopicReader } from './topic-reader.ts';

/** How long a start waits for Redis. Nothing but the bus needs it: without it the rest goes on. */
const READY_WITHIN_MS = 2000;
/** How long a shutdown waits until what was published has been sent. */
const SENT_WITHIN_MS = 1000;

export interface RedisBusOptions {
  /** `redis://user:password@host:6379/0`, `rediss://…` for TLS. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Pick<BaseLogger, 'error' | 'warn' | 'info'>;
  /** Before the name of each stream, so that several buses can share a database. */
  readonly prefix?: string;
  /** Entries that are kept of each stream, about. */
  readonly maxEntries?: number;
}

/**
 * The bus of several replicas: a stream of Redis for each topic, which each replica reads for itself. Positions are ids
 * of the stream: they hold for all replicas, and after a restart.
 */
export class RedisBus implements Bus {
  readonly #clock: Clock;
  readonly #redis: Redis;
  readonly #publisher: Publisher;
  readonly #readers: { readonly [T in Topic]: TopicReader<T> };
  #dropped = 0;
  #closed = false;

  private constructor({ url, clock, log, prefix = '', maxEntries = STREAM_ENTRIES }: RedisBusOptions) {
    this.#clock = clock;
    this.#redis = connect({ url, name: 'lightwatch-publish', log });
    const redis = this.#redis;
    const origin = randomBytes(9).toString('base64url');
    const own = new OwnMessages((topic) => this.#readers[topic].subscribers > 0);
    const reader = <T extends Topic>(topic: T) =>
      new TopicReader({
        topic,
        stream: streamOf(topic, prefix),
        origin,
        own,
        redis,
        open: () => connect({ url, name: `lightwatch-read-${topic}`, log, blocksMs: BLOCK_MS }),
        clock,
        log,
      });
    this.#readers = {
      log: reader('log'),
      metric: reader('metric'),
      security: reader('security'),
      heartbeat: reader('heartbeat'),
      span: reader('span'),
      alert: reader('alert'),
    };
    const onPublished = (topic: Topic, id: string) => this.#readers[topic].know(id);
    this.#publisher = new Publisher({ redis, clock, prefix, origin, maxEntries, own, onPublished });
  }

  /** Resolves when Redis is reached, or cannot be in time: then it goes on trying. */
  static async open(options: RedisBusOptions): Promise<RedisBus> {
    const bus = new RedisBus(options);
    await bus.#within(READY_WITHIN_MS, bus.#learnPositions(options.prefix ?? ''));
    return bus;
  }

  publish<T extends Topic>(topic: T, payload: Payload<T>): void {
    if (this.#closed) this.#dropped++;
    else this.#publisher.publish(topic, payload);
  }

  subscribe<T extends Topic>(topic: T, listener: (delivery: Delivery<T>) => void, after?: Position): Subscription {
    if (this.#closed) return { close() {} };
    const reader: TopicReader<T> = this.#readers[topic];
    return { close: reader.add(listener, after) };
  }

  position(topic: Topic): Position {
    return this.#readers[topic].position;
  }

  stats(): BusStats {
    const readers = Object.values(this.#readers);
    const sum = (figure: (reader: (typeof readers)[number]) => number) =>
      readers.reduce((total, reader) => total + figure(reader), 0);
    const { published, dropped } = this.#publisher.figures;
    return {
      engine: 'redis',
      published,
      subscribers: sum((reader) => reader.subscribers),
      dropped: dropped + this.#dropped,
      gaps: sum((reader) => reader.gaps),
      connected: this.#redis.status === 'ready',
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#within(SENT_WITHIN_MS, this.#publisher.idle());
    for (const reader of Object.values(this.#readers)) reader.close();
    this.#publisher.stop();
    this.#redis.disconnect();
  }

  async #learnPositions(prefix: string): Promise<void> {
    await new Promise<void>((resolve) => this.#redis.once('ready', () => resolve()));
    await Promise.all(
      TOPICS.map(async (topic) => this.#readers[topic].know(await newestId(this.#redis, streamOf(topic, prefix)))),
    );
  }

  /** Waits for `work`, `ms` at most. What becomes of it is for others to tell. */
  #within(ms: number, work: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(ms, resolve);
      work
        .catch(() => undefined)
        .finally(() => {
          timer.cancel();
          resolve();
        });
    });
  }
}
