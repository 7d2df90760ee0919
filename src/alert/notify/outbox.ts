import type { FastifyBaseLogger } from 'fastify';
import type { StoredDelivery } from '../../../schemas/delivery.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import { formatTimestamp, parseTimestamp } from '../../core/timestamp.ts';
import { LightwatchError } from '../../errors.ts';
import type { Documents, Versioned } from '../../store/store.ts';
import { Lanes } from './lanes.ts';
import { afterTry, GIVE_UP_AFTER_MS } from './retry.ts';
import type { Send } from './sender.ts';
import { type Group, MAX_SUMMARISED, Storms, SUMMARY_EVERY_MS } from './storms.ts';
import { settledWith, summaryDelivery, tellsOf } from './summary.ts';

/**
 * Unsettled deliveries known at a time, of some KiB each; the rest waits in the store and is fetched when there is room.
 */
const MAX_KNOWN = 5000;
/** The wait before a result is written again that the store would not take. */
const SAVE_AGAIN_MS = 2000;
/** Deliveries looked at after a start to see which targets are in the middle of a storm. */
const RECENT = 1000;

/** The wait before the summary of an earlier run is made, while the rest of what it tells is being read. */
const RESUME_MS = 1000;

type Kept = Versioned<StoredDelivery>;

/** What a summary is going to tell; closed when nothing can join it any more. */
interface Gathering {
  readonly members: Kept[];
  closed: boolean;
}

interface OutboxParts {
  readonly documents: Documents;
  readonly clock: Clock;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly send: Send;
  readonly publicUrl?: string | undefined;
  /** From 0 to 1, for the spread of retries. */
  readonly random?: () => number;
}

/**
 * Delivers what was put into it, however long that takes: each delivery is in the store before it is sent, and its
 * result after. A crash in between sends it again, under the same id. Targets do not wait for each other; of one
 * incident, a target hears in the order of the transitions. In a storm, deliveries wait for the summary that tells them.
 */
export class Outbox {
  readonly #parts: OutboxParts;
  /** By target and incident: what is to be told, in order. Only the first of each is tried. */
  readonly #queues = new Map<string, Kept[]>();
  readonly #lanes: Lanes<Kept>;
  readonly #storms = new Storms();
  /** Deliveries that are told in a summary, by its id. */
  readonly #gatherings = new Map<string, Gathering>();
  /** Summaries on their way, by target: the next one waits for them and gathers more meanwhile. */
  readonly #summaries = new Map<string, number>();
  readonly #known = new Set<string>();
  /** Those among them that are told in a summary. */
  readonly #grouped = new Set<string>();
  readonly #timers = new Set<Timer>();
  readonly #running = new Set<Promise<void>>();
  #stopping = new AbortController();
  /** Whether the store may hold unsettled deliveries that are not known here. */
  #behind = true;
  /** Whether this replica sends at all. */
  #active = false;
  #figures = { delivered: 0, failedTries: 0, givenUp: 0, summaries: 0, summarised: 0 };

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#lanes = new Lanes((kept) => this.#try(kept));
  }

  /**
   * Keeps a delivery and sends it in its turn, or together with others in a storm. Resolves when it is kept, to what is
   * kept; one that is there already stays as it is. Undefined, with nothing kept, while this replica does not send.
   */
  async enqueue(delivery: StoredDelivery): Promise<StoredDelivery | undefined> {
    if (!this.#active) return undefined;
    const { documents, clock } = this.#parts;
    const admitted = this.#storms.admit(delivery, clock.now());
    let inserted = false;
    try {
      inserted = await documents.insert('deliveries', admitted);
    } finally {
      if (!inserted) this.#storms.withdraw(admitted);
    }
    const kept = await documents.get('deliveries', delivery.id);
    if (kept !== undefined && this.#active) await this.#takeAny(kept);
    return kept?.document;
  }

  /**
   * Takes up what the store holds and nobody here knows of: after a start, what other replicas have put there, and when
   * there was no room for more. Nothing is sent before the first call, so that what is new does not overtake what an
   * earlier run has left.
   */
  async catchUp(): Promise<void> {
    const { documents, clock } = this.#parts;
    const now = clock.now();
    this.#storms.sweep(now);
    if (!this.#active) {
      const { items } = await documents.list('deliveries', { order: 'desc', limit: RECENT });
      this.#storms.clear();
      for (const { document } of items) {
        if (parseTimestamp(document.created_at) > now - 60_000) this.#storms.remember(document);
      }
    }
    const failed = this.#behind
      ? await documents.list('deliveries', { where: { status: 'failed' }, limit: MAX_KNOWN })
      : undefined;
    const pending = await documents.list('deliveries', { where: { status: 'pending' }, limit: MAX_KNOWN });
    this.#behind = [failed, pending].some((page) => page !== undefined && page.total > page.items.length);
    this.#active = true;
    for (const kept of [...(failed?.items ?? []), ...pending.items]) await this.#takeAny(kept);
  }

  /**
   * Tries a delivery again that was given up, for another day.
   * @throws LightwatchError LW_NOT_FOUND, LW_CONFLICT when it was not given up
   */
  async retry(id: string): Promise<StoredDelivery> {
    const { documents, clock } = this.#parts;
    const kept = await documents.get('deliveries', id);
    if (kept === undefined) throw new LightwatchError('LW_NOT_FOUND', 'there is no such delivery');
    const { document, version } = kept;
    if (document.status !== 'given_up') {
      throw new LightwatchError('LW_CONFLICT', `the delivery is ${document.status}, not given up`);
    }
    const now = clock.now();
    const again: StoredDelivery = {
      ...document,
      status: 'pending',
      summary_id: null,
      next_attempt_at: formatTimestamp(now),
      expires_at: formatTimestamp(now + GIVE_UP_AFTER_MS),
    };
    if (!(await documents.update('deliveries', again, version))) {
      throw new LightwatchError('LW_CONFLICT', 'the delivery was changed meanwhile');
    }
    if (this.#active) this.#take({ document: again, version: version + 1 });
    return again;
  }

  /** Whether a delivery waits to be told together with others. */
  isGrouped(id: string): boolean {
    return this.#grouped.has(id);
  }

  stats() {
    return { pending: this.#known.size, ...this.#figures, targets: this.#lanes.size };
  }

  /** Breaks off what is under way and forgets all that waits; the store has it, and `catchUp` takes it up again. */
  async stop(): Promise<void> {
    this.#active = false;
    this.#stopping.abort();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    await this.#lanes.clear();
    await Promise.all(this.#running);
    for (const memory of [this.#queues, this.#gatherings, this.#summaries, this.#known, this.#grouped, this.#storms])
      memory.clear();
    this.#stopping = new AbortController();
    this.#behind = true;
  }

  /** Takes up a delivery, and finds out first what has become of the summary that is to tell it. */
  async #takeAny(kept: Kept): Promise<void> {
    const { id, summary_id: summaryId, status } = kept.document;
    if (this.#known.has(id) || isSettled(kept.document)) return;
    if (summaryId === null || status === 'failed') return this.#take(kept);
    const gathering = this.#gatherings.get(summaryId);
    if (gathering?.closed === false) return this.#take(kept);
    const summary = await this.#parts.documents.get('deliveries', summaryId);
    if (summary === undefined && gathering === undefined) return this.#take(kept);
    if (summary === undefined || !tellsOf(summary.document, id)) return this.#admitAgain(kept);
    this.#take(kept);
    if (isSettled(summary.document)) this.#settleMembers(summary.document);
  }

  #take(kept: Kept): void {
    const { id, sequence, summary_id: summaryId } = kept.document;
    if (this.#known.has(id) || this.#stopping.signal.aborted) return;
    if (this.#known.size >= MAX_KNOWN) {
      this.#behind = true;
      return;
    }
    this.#known.add(id);
    this.#storms.entered(kept.document);
    this.#countSummary(kept.document, 1);
    if (summaryId !== null) this.#gather(kept, summaryId);
    const key = queueKey(kept.document);
    const queue = this.#queues.get(key) ?? [];
    this.#queues.set(key, queue);
    // The first may be under way already: what turns up late goes behind it, at the earliest.
    const place = queue.findIndex(({ document }, index) => index > 0 && document.sequence > sequence);
    queue.splice(place === -1 ? queue.length : place, 0, kept);
    if (queue.length === 1) this.#await(kept);
  }

  /** Lets a delivery, the first of its queue, join its target's lane when it is due. */
  #await(kept: Kept): void {
    // It waits for its summary instead, and so does what is behind it.
    if (kept.document.summary_id !== null) return;
    const due = kept.document.next_attempt_at;
    const waitMs = due === null ? 0 : parseTimestamp(due) - this.#parts.clock.now();
    if (waitMs > 0) this.#later(waitMs, () => this.#lanes.join(kept.document.target, kept));
    else if (!this.#stopping.signal.aborted) this.#lanes.join(kept.document.target, kept);
  }

  async #try(kept: Kept): Promise<void> {
    const { send, clock, random = Math.random } = this.#parts;
    const { signal } = this.#stopping;
    const result = await send(kept.document, signal);
    // Broken off by us: that says nothing about the target.
    if (signal.aborted && !result.ok) return;
    const tried = afterTry(kept.document, result, clock.now(), random());
    if (result.ok) this.#figures.delivered += 1;
    else this.#figures.failedTries += 1;
    if (tried.status === 'given_up') this.#figures.givenUp += 1;
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
  #adopt(tried: StoredDelivery, current: Kept | undefined): void {
    if (current === undefined) this.#leave(tried);
    else this.#done(current);
  }

  #done(kept: Kept): void {
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
    if (!this.#known.delete(delivery.id)) return;
    this.#grouped.delete(delivery.id);
    this.#storms.left(delivery);
    this.#countSummary(delivery, -1);
    if (delivery.kind === 'alert_storm') this.#settleMembers(delivery);
    const key = queueKey(delivery);
    const queue = this.#queues.get(key) ?? [];
    const place = queue.findIndex(({ document }) => document.id === delivery.id);
    if (place !== -1) queue.splice(place, 1);
    const [next] = queue;
    if (next === undefined) this.#queues.delete(key);
    else if (place === 0) this.#await(next);
  }

  /** Remembers a delivery for its summary, and makes that when its time has come. */
  #gather(kept: Kept, summaryId: string): void {
    this.#grouped.add(kept.document.id);
    const gathering = this.#gatherings.get(summaryId);
    if (gathering !== undefined) {
      gathering.members.push(kept);
      return;
    }
    this.#gatherings.set(summaryId, { members: [kept], closed: false });
    const group = this.#storms.groupOf(kept.document);
    // What is found after a start is overdue: the others of it are being read.
    const waitMs = Math.max(group.closesAt - this.#parts.clock.now(), RESUME_MS);
    this.#later(waitMs, () => this.#closeInTurn(group));
  }

  #closeInTurn(group: Group): void {
    const members = this.#gatherings.get(group.id)?.members ?? [];
    const waits = this.#summaries.has(group.target) && members.length < MAX_SUMMARISED;
    if (waits) this.#later(SUMMARY_EVERY_MS, () => this.#closeInTurn(group));
    else this.#track(this.#close(group));
  }

  /** Makes the summary of a storm out of what has gathered, and sends it like any delivery. */
  async #close(group: Group): Promise<void> {
    const { documents, clock, log, publicUrl } = this.#parts;
    const gathering = this.#gatherings.get(group.id);
    this.#storms.close(group, clock.now());
    if (gathering === undefined) return;
    gathering.closed = true;
    try {
      const members = gathering.members.map(({ document }) => document);
      const inserted = await documents.insert('deliveries', summaryDelivery(group, members, clock.now(), publicUrl));
      if (inserted) {
        this.#figures.summaries += 1;
        this.#figures.summarised += members.length;
      }
      const kept = await documents.get('deliveries', group.id);
      if (kept === undefined) return;
      if (isSettled(kept.document)) this.#settleMembers(kept.document);
      else this.#take(kept);
    } catch (error) {
      log.warn({ err: error, summary: group.id }, 'the summary of a storm could not be written');
      this.#later(SAVE_AGAIN_MS, () => this.#track(this.#close(group)));
    }
  }

  /** What a summary has told is settled as it is. */
  #settleMembers(summary: StoredDelivery): void {
    const { members = [] } = this.#gatherings.get(summary.id) ?? {};
    this.#gatherings.delete(summary.id);
    for (const { document, version } of members) this.#track(this.#save(settledWith(document, summary), version));
  }

  #countSummary({ kind, target }: StoredDelivery, change: number): void {
    if (kind !== 'alert_storm') return;
    const count = (this.#summaries.get(target) ?? 0) + change;
    if (count === 0) this.#summaries.delete(target);
    else this.#summaries.set(target, count);
  }

  /** A delivery that came too late for its summary: it is told as if it had just been made. */
  async #admitAgain({ document, version }: Kept): Promise<void> {
    const now = this.#parts.clock.now();
    const alone = { ...document, summary_id: null, next_attempt_at: formatTimestamp(now) };
    const admitted = this.#storms.admit(alone, now);
    if (await this.#parts.documents.update('deliveries', admitted, version)) {
      this.#take({ document: admitted, version: version + 1 });
    } else {
      this.#storms.withdraw(admitted);
    }
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

function isSettled({ status }: StoredDelivery): boolean {
  return status === 'delivered' || status === 'given_up';
}

function queueKey({ target, incident_id: incidentId, id }: StoredDelivery): string {
  return `${incidentId ?? id} ${target}`;
}
