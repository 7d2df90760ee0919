import type { FastifyBaseLogger } from 'fastify';
import type { Subscription as BusSubscription } from '../bus/bus.ts';
import type { Clock } from '../core/clock.ts';
import { RecentIds } from '../core/recent-ids.ts';
import { FilterGroup } from './filter-group.ts';
import type { Found, LiveBatch } from './live-batch.ts';
import type { LiveFilter } from './live-filter.ts';
import type { LiveSource } from './live-source.ts';
import { missed, Seam } from './replay.ts';
import type { LiveCounts, Subscription } from './subscription.ts';
import { WorkBudget } from './work-budget.ts';

/** Ids that a channel remembers: what it sends in five seconds at the most, so far back as one may come late. */
const HEARD_IDS = 100_000;

/** A channel: it listens to the bus while somebody watches, and gives each group of clients what they asked for. */
export class Hub<I> {
  readonly counts: LiveCounts = { sent: 0, dropped: 0, closedSlow: 0 };
  readonly #source: LiveSource<I>;
  readonly #log: Pick<FastifyBaseLogger, 'warn'>;
  readonly #clock: Clock;
  readonly #budget: WorkBudget;
  readonly #groups = new Map<string, FilterGroup<I>>();
  #bus: BusSubscription | undefined;
  /** What was heard last, from which a gap of the bus is filled, and first: who watches was promised nothing before it. */
  #lastId: string | undefined;
  #firstId: string | undefined;
  /** What was heard in which order, where that is not the order of ids. */
  readonly #heard = new RecentIds(HEARD_IDS);
  /** Set while a gap of the bus is being filled, and for a while after it. */
  #seam: Seam<I> | undefined;
  #filling = false;
  #turnIsDue = false;

  constructor(source: LiveSource<I>, clock: Clock, log: Pick<FastifyBaseLogger, 'warn'>) {
    this.#source = source;
    this.#log = log;
    this.#clock = clock;
    this.#budget = new WorkBudget(clock);
  }

  /** Clients that watch. */
  get clients(): number {
    let sum = 0;
    for (const { members } of this.#groups.values()) sum += members.size;
    return sum;
  }

  /** Gives a client what matches from now on; with `since`, what came after that first. Answers how it leaves. */
  join(subscription: Subscription<I>, filter: LiveFilter<I>, since: string | undefined): () => void {
    const group = this.#groups.get(filter.key) ?? new FilterGroup(filter);
    this.#groups.set(filter.key, group);
    group.members.add(subscription);
    // Listening comes before replaying: see Seam.
    this.#bus ??= this.#source.subscribe((batch) => this.#hear(batch));
    if (since !== undefined) {
      subscription
        .replay(this.#source, since, filter, (id, last) => this.#heard.cameBefore(id, last))
        .catch((error: unknown) => this.#log.warn({ err: error }, 'a replay for a live client failed'));
    }
    return () => this.#leave(subscription, group);
  }

  close(): void {
    this.#bus?.close();
    this.#source.close();
  }

  #leave(subscription: Subscription<I>, group: FilterGroup<I>): void {
    subscription.close();
    if (!group.members.delete(subscription) || group.members.size > 0) return;
    this.#groups.delete(group.filter.key);
    if (this.#groups.size > 0) return;
    this.#bus?.close();
    this.#bus = undefined;
    this.#lastId = undefined;
    this.#firstId = undefined;
    this.#seam = undefined;
    this.#filling = false;
  }

  #hear(batch: LiveBatch<I> | undefined): void {
    if (this.#seam?.isSettled(this.#clock.now())) this.#seam = undefined;
    if (batch === undefined) this.#hearGap();
    else if (this.#filling) this.#seam?.hold(batch.all);
    else this.#admit(this.#seam?.fresh(batch.all) ?? batch.all);
  }

  #admit(all: Found<I>): void {
    const last = all.indices.at(-1);
    if (last === undefined) return;
    this.#lastId = all.batch.id(last);
    this.#firstId ??= all.batch.id(all.indices[0] ?? last);
    if (this.#source.comesLate) for (const index of all.indices) this.#heard.add(all.batch.id(index));
    this.#budget.renew();
    for (const group of this.#groups.values()) group.admit(all, this.#budget);
    this.#turnSoon();
  }

  #lose(count: number | undefined): void {
    for (const group of this.#groups.values()) group.lose(count);
    this.#turnSoon();
  }

  #hearGap(): void {
    if (this.#filling) this.#seam?.lose(undefined);
    else if (this.#lastId === undefined) this.#lose(undefined);
    else void this.#fill(this.#lastId);
  }

  /** Brings what the bus forgot from the store. */
  async #fill(since: string): Promise<void> {
    const seam = new Seam(this.#source);
    seam.beginAfter(since);
    this.#seam = seam;
    this.#filling = true;
    const first = this.#firstId ?? since;
    const isKnown = (id: string) => !this.#source.isAfter(id, first) || this.#heard.has(id);
    try {
      for await (const found of missed(this.#source, since, isKnown)) {
        if (this.#seam !== seam) return;
        if (found === undefined) this.#lose(undefined);
        else {
          seam.replayed(found.batch);
          this.#admit(found);
        }
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'a gap of the bus could not be filled from the store');
      if (this.#seam === seam) this.#lose(undefined);
    }
    if (this.#seam !== seam) return;
    this.#filling = false;
    seam.joined(this.#clock.now());
    while (!seam.isEmpty) {
      for (const part of seam.take()) {
        if ('lost' in part) this.#lose(part.lost);
        else this.#admit(part);
      }
    }
  }

  /** Messages that the bus delivers in one turn are sent in one write a client: hence after all of them. */
  #turnSoon(): void {
    if (this.#turnIsDue) return;
    this.#turnIsDue = true;
    queueMicrotask(() => this.#turn());
  }

  #turn(): void {
    this.#turnIsDue = false;
    let more = false;
    for (const group of this.#groups.values()) more = group.flush() || more;
    if (!more) return;
    this.#turnIsDue = true;
    setImmediate(() => this.#turn());
  }
}
