import type { FastifyBaseLogger } from 'fastify';
import type { StoredDelivery } from '../../../schemas/delivery.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import { parseTimestamp } from '../../core/timestamp.ts';
import type { Documents, Versioned } from '../../store/store.ts';
import { afterTry } from './retry.ts';
import type { Send } from './sender.ts';

/**
 * Unsettled deliveries known at a time, of some KiB each; the rest waits in the store and is fetched when there is room.
 */
const MAX_KNOWN = 5000;
/** Tries under way to one target: enough to work off a burst, little enough not to be one. */
const MAX_PER_TARGET = 2;
/** The wait before a result is written again that the store would not take. */
const SAVE_AGAIN_MS = 2000;

interface OutboxParts {
  readonly documents: Documents;
  readonly clock: Clock;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly send: Send;
  /** From 0 to 1, for the spread of retries. */
  readonly random?: () => number;
}

/**
 * Delivers what was put into it, however long that takes: each delivery is in the store before it is sent, and its
 * result after. A crash in between sends it again, under the same id. Targets do not wait for each other; of one
 * incident, a target hears in the order of the transitions.
 */
export class Outbox {
  readonly #parts: OutboxParts;
  /** By target and incident: what is to be told, in order. Only the first of each is tried. */
  readonly #queues = new Map<string, Versioned<StoredDelivery>[]>();
  readonly #lanes = new Map<string, Lane>();
  readonly #known = new Set<string>();
  readonly #timers = new Set<Timer>();
  readonly #running = new Set<Promise<void>>();
  #stopping = new AbortController();
  /** Whether the store may hold unsettled deliveries that are not known here. */
  #behind = true;
  /** Whether this replica sends at all. */
  #active = false;
  #sent = 0;
  #failedTries = 0;
  #givenUp = 0;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** Keeps a delivery and sends it in its turn. Resolves when it is kept; one that is there already stays as it is. */
  async enqueue(delivery: StoredDelivery): Promise<void> {
    const { documents } = this.#parts;
    await documents.insert('deliveries', delivery);
    if (!this.#active) {
      this.#behind = true;
      return;
    }
    const kept = await documents.get('deliveries', delivery.id);
    if (kept !== undefined && !isSettled(kept.document)) this.#take(kept);
  }

  /**
   * Takes up what the store holds and nobody here knows of: after a start, and when there was no room for more. Nothing
   * is sent before the first call, so that what is new does not overtake what an earlier run has left.
   */
  async catchUp(): Promise<void> {
    if (this.#behind) await this.#load();
    if (this.#active) return;
    this.#active = true;
    // What was kept while the store was being read.
    if (this.#behind) await this.#load();
  }

  /** Says that others may have put something into the store: `catchUp` then looks. */
  lookAgain(): void {
    this.#behind = true;
  }

  async #load(): Promise<void> {
    const { documents } = this.#parts;
    this.#behind = false;
    try {
      const pages = await Promise.all([
        documents.list('deliveries', { where: { status: 'failed' }, limit: MAX_KNOWN }),
        documents.list('deliveries', { where: { status: 'pending' }, limit: MAX_KNOWN }),
      ]);
      if (pages.some(({ items, total }) => total > items.length)) this.#behind = true;
      for (const kept of pages.flatMap(({ items }) => items)) this.#take(kept);
    } catch (error) {
      this.#behind = true;
      throw error;
    }
  }

  stats() {
    return {
      pending: this.#known.size,
      delivered: this.#sent,
      failedTries: this.#failedTries,
      givenUp: this.#givenUp,
      targets: this.#lanes.size,
    };
  }

  /** Breaks off what is under way and forgets all that waits; the store has it, and `catchUp` takes it up again. */
  async stop(): Promise<void> {
    this.#active = false;
    this.#stopping.abort();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    await Promise.all(this.#running);
    for (const memory of [this.#queues, this.#lanes, this.#known]) memory.clear();
    this.#stopping = new AbortController();
    this.#behind = true;
  }

  #take(kept: Versioned<StoredDelivery>): void {
    const { id, sequence } = kept.document;
    if (this.#known.has(id) || this.#stopping.signal.aborted) return;
    if (this.#known.size >= MAX_KNOWN) {
      this.#behind = true;
      return;
    }
    this.#known.add(id);
    const key = queueKey(kept.document);
    const queue = this.#queues.get(key) ?? [];
    this.#queues.set(key, queue);
    // The first may be under way already: what turns up late goes behind it, at the earliest.
    const place = queue.findIndex(({ document }, index) => index > 0 && document.sequence > sequence);
    queue.splice(place === -1 ? queue.length : place, 0, kept);
    if (queue.length === 1) this.#await(kept);
  }

  /** Lets a delivery, the first of its queue, join its target's lane when it is due. */
  #await(kept: Versioned<StoredDelivery>): void {
    if (this.#stopping.signal.aborted) return;
    const due = kept.document.next_attempt_at;
    const waitMs = due === null ? 0 : parseTimestamp(due) - this.#parts.clock.now();
    if (waitMs > 0) this.#later(waitMs, () => this.#join(kept));
    else this.#join(kept);
  }

  #join(kept: Versioned<StoredDelivery>): void {
    const { target } = kept.document;
    const lane = this.#lanes.get(target) ?? { waiting: [], active: 0 };
    this.#lanes.set(target, lane);
    lane.waiting.push(kept);
    this.#fill(target, lane);
  }

  #fill(target: string, lane: Lane): void {
    while (lane.active < MAX_PER_TARGET) {
      const next = lane.waiting.shift();
      if (next === undefined) break;
      lane.active += 1;
      const running = this.#try(next).finally(() => {
        this.#running.delete(running);
        lane.active -= 1;
        if (!this.#stopping.signal.aborted) this.#fill(target, lane);
      });
      this.#running.add(running);
    }
    if (lane.active === 0 && lane.waiting.length === 0) this.#lanes.delete(target);
  }

  async #try(kept: Versioned<StoredDelivery>): Promise<void> {
    const { send, clock, random = Math.random } = this.#parts;
    const { signal } = this.#stopping;
    const result = await send(kept.document, signal);
    // Broken off by us: that says nothing about the target.
    if (signal.aborted && !result.ok) return;
    if (result.ok) this.#sent += 1;
    else this.#failedTries += 1;
    const tried = afterTry(kept.document, result, clock.now(), random());
    if (tried.status === 'given_up') this.#givenUp += 1;
    await this.#save(tried, kept.version);
  }

  /** Writes a result, again and again if need be: to send anew because it was not written would be a repeat. */
  async #save(tried: StoredDelivery, version: number): Promise<void> {
    const { documents, log } = this.#parts;
    try {
      if (await documents.update('deliveries', tried, version)) this.#done({ document: tried, version: version + 1 });
      else this.#adopt(tried, await documents.get('deliveries', tried.id));
    } catch (error) {
      log.warn({ err: error, delivery: tried.id }, 'the result of a delivery could not be written');
      this.#later(SAVE_AGAIN_MS, () => this.#track(this.#save(tried, version)));
    }
  }

  /** Somebody else wrote the delivery meanwhile: theirs holds. */
  #adopt(tried: StoredDelivery, current: Versioned<StoredDelivery> | undefined): void {
    if (current === undefined) this.#leave(tried);
    else this.#done(current);
  }

  #done(kept: Versioned<StoredDelivery>): void {
    if (isSettled(kept.document)) {
      this.#leave(kept.document);
      return;
    }
    const queue = this.#queues.get(queueKey(kept.document));
    if (queue === undefined) return;
    queue[0] = kept;
    this.#await(kept);
  }

  /** A settled delivery makes way for the next of its incident. */
  #leave(delivery: StoredDelivery): void {
    this.#known.delete(delivery.id);
    const key = queueKey(delivery);
    const queue = this.#queues.get(key);
    queue?.shift();
    const next = queue?.[0];
    if (next === undefined) this.#queues.delete(key);
    else this.#await(next);
  }

  #track(running: Promise<void>): void {
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  #later(ms: number, task: () => void): void {
    if (this.#stopping.signal.aborted) return;
    const timer = this.#parts.clock.after(Math.min(ms, MAX_TIMER_MS), () => {
      this.#timers.delete(timer);
      task();
    });
    this.#timers.add(timer);
  }
}

/** What Node's timers can hold; a delivery is given up long before. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Lane {
  readonly waiting: Versioned<StoredDelivery>[];
  active: number;
}

function isSettled({ status }: StoredDelivery): boolean {
  return status === 'delivered' || status === 'given_up';
}

function queueKey({ target, incident_id: incidentId }: StoredDelivery): string {
  return `${incidentId} ${target}`;
}
