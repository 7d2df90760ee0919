import { randomBytes } from 'node:crypto';
import type { BaseLogger } from 'pino';
import { KINDS } from '../../../schemas/event.ts';
import type { Bus, BusStats, Delivery, Payload, Position, Subscription, Topic } from '../bus.ts';
import { TopicRing } from './topic-ring.ts';

/**
 * The bus of a single process: a bounded ring a topic. Messages are delivered in a turn of the event loop of their own,
 * all that came up to then at once, so that a publisher pays for none of its listeners.
 */
export class InProcessBus implements Bus {
  readonly #log: Pick<BaseLogger, 'error'>;
  readonly #rings: { readonly [T in Topic]: TopicRing<T> };
  #published = 0;
  #dropped = 0;
  #turn: NodeJS.Immediate | undefined;
  #closed = false;

  constructor(log: Pick<BaseLogger, 'error'>) {
    this.#log = log;
    const epoch = randomBytes(6).toString('hex');
    this.#rings = {
      log: new TopicRing(epoch),
      metric: new TopicRing(epoch),
      security: new TopicRing(epoch),
      heartbeat: new TopicRing(epoch),
      span: new TopicRing(epoch),
      alert: new TopicRing(epoch),
    };
  }

  publish<T extends Topic>(topic: T, payload: Payload<T>): void {
    if (this.#closed) {
      this.#dropped++;
      return;
    }
    const ring: TopicRing<T> = this.#rings[topic];
    ring.push(payload);
    this.#published++;
    if (ring.readers > 0) this.#schedule();
  }

  subscribe<T extends Topic>(topic: T, listener: (delivery: Delivery<T>) => void, after?: Position): Subscription {
    if (this.#closed) return { close() {} };
    const ring: TopicRing<T> = this.#rings[topic];
    const close = ring.add(listener, after);
    if (ring.waiting) this.#schedule();
    return { close };
  }

  position(topic: Topic): Position {
    return this.#rings[topic].position;
  }

  stats(): BusStats {
    const sum = (figure: (ring: AnyRing) => number) => this.#each(figure).reduce((total, one) => total + one, 0);
    return {
      engine: 'in-process',
      published: this.#published,
      subscribers: sum((ring) => ring.readers),
      dropped: this.#dropped,
      gaps: sum((ring) => ring.gaps),
      connected: !this.#closed,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearImmediate(this.#turn);
    this.#each((ring) => ring.clear());
  }

  #schedule(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#each((ring) => ring.deliver((error) => this.#log.error({ err: error }, 'a bus listener failed')));
      if (this.#each((ring) => ring.waiting).includes(true)) this.#schedule();
    });
  }

  #each<R>(visit: (ring: AnyRing) => R): R[] {
    return [...KINDS, 'alert' as const].map((topic) => visit(this.#rings[topic]));
  }
}

type AnyRing = Pick<TopicRing<Topic>, 'readers' | 'gaps' | 'waiting' | 'deliver' | 'clear'>;
