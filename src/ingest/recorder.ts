import type { Kind } from '../../schemas/event.ts';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../core/clock.ts';
import type { EventOf } from '../core/event.ts';
import { LightwatchError } from '../errors.ts';
import type { Appended, Store } from '../store/store.ts';

/** Events of one kind that may wait for a commit; past it senders are told to wait. Their bytes `BodyBudget` bounds. */
export const MAX_WAITING_EVENTS = 100_000;
/** Events of one commit: enough to share its cost, few enough that it does not hold up the event loop (10 ms). */
const GROUP_EVENTS = 10_000;
/** What a refused sender is told to wait: a commit takes milliseconds. */
const RETRY_AFTER_S = 1;

/** The ids under which a sender's events are stored, in the order they were given. */
export interface Recorded {
  id(index: number): string;
}

const NOTHING: Recorded = { id: () => '' };

/**
 * Where every event goes in, whoever brings it: those that wait while a commit is under way share the next one (group
 * commit), and what is stored is then published. Resolves when the events are durable.
 */
export class Recorder {
  private readonly store: Store;
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly lanes: { readonly [K in Kind]: Lane<K> };
  private readonly figures = { commits: 0, events: 0, repeats: 0, overloaded: 0, failed: 0, lastCommitMs: 0 };

  constructor(store: Store, bus: Bus, clock: Clock) {
    this.store = store;
    this.bus = bus;
    this.clock = clock;
    this.lanes = {
      log: new Lane('log'),
      metric: new Lane('metric'),
      security: new Lane('security'),
      heartbeat: new Lane('heartbeat'),
      span: new Lane('span'),
    };
  }

  /**
   * Stores events of one kind and tells who listens.
   * @throws LW_OVERLOADED when too many wait; what the store throws when they could not be stored
   */
  record<K extends Kind>(kind: K, events: readonly EventOf<K>[]): Promise<Recorded> {
    return new Promise((resolve, reject) => this.submit(kind, events, resolve, reject));
  }

  /**
   * `record` for who takes calls instead of a promise: exactly one of them is called, later or at once. For single events,
   * each of which would otherwise cost two turns of the microtask queue.
   */
  submit<K extends Kind>(
    kind: K,
    events: readonly EventOf<K>[],
    resolve: (recorded: Recorded) => void,
    reject: (error: unknown) => void,
  ): void {
    if (events.length === 0) {
      resolve(NOTHING);
      return;
    }
    const lane = this.lane(kind);
    if (lane.waitingEvents + events.length > MAX_WAITING_EVENTS) {
      this.figures.overloaded++;
      const message = 'more events arrive than can be stored: send them again later';
      reject(new LightwatchError('LW_OVERLOADED', message, { retryAfterS: RETRY_AFTER_S }));
      return;
    }
    lane.add({ events, resolve, reject });
    lane.running ??= this.run(lane);
  }

  /** Resolves when everything that was given is stored or refused. */
  async drain(): Promise<void> {
    await Promise.all(Object.values(this.lanes).map((lane) => lane.running));
  }

  stats() {
    const waiting = Object.values(this.lanes).reduce((sum, lane) => sum + lane.waitingEvents, 0);
    return { ...this.figures, waiting };
  }

  private lane<K extends Kind>(kind: K): Lane<K> {
    return this.lanes[kind] as unknown as Lane<K>;
  }

  private async run<K extends Kind>(lane: Lane<K>): Promise<void> {
    // What has arrived is read first: everybody whose event is here by then shares the commit.
    await nextTurn();
    let finished: Finished<K> | undefined;
    while (finished !== undefined || lane.waitingEvents > 0) {
      // The next commit is on its way to the disk while those of the last are answered.
      const committing = lane.waitingEvents > 0 ? this.commit(lane.kind, lane.takeGroup()) : undefined;
      await nextTurn();
      if (finished !== undefined) this.answer(lane.kind, finished);
      finished = await committing;
    }
    lane.running = undefined;
  }

  /** Stores a group. Never rejects. */
  private async commit<K extends Kind>(kind: K, group: readonly Request<K>[]): Promise<Finished<K>> {
    const began = this.clock.now();
    const events =
      group.length === 1 && group[0] !== undefined ? group[0].events : group.flatMap((request) => request.events);
    try {
      const appended = await this.store.append(kind, events);
      this.figures.commits++;
      this.figures.events += appended.stored.events.length;
      this.figures.repeats += events.length - appended.stored.events.length;
      this.figures.lastCommitMs = this.clock.now() - began;
      return { group, appended };
    } catch (error) {
      this.figures.failed += events.length;
      return { group, error };
    }
  }

  /** Answers everyone in a group and tells who listens. */
  private answer<K extends Kind>(kind: K, finished: Finished<K>): void {
    if ('error' in finished) {
      for (const request of finished.group) request.reject(finished.error);
      return;
    }
    const { group, appended } = finished;
    let first = 0;
    for (const request of group) {
      const offset = first;
      request.resolve({ id: (index) => appended.id(offset + index) });
      first += request.events.length;
    }
    if (appended.stored.events.length > 0) this.publish(kind, appended);
  }

  private publish<K extends Kind>(kind: K, { stored }: Appended<K>): void {
    (this.bus.publish as (topic: K, payload: typeof stored) => void).call(this.bus, kind, stored);
  }
}

interface Request<K extends Kind> {
  readonly events: readonly EventOf<K>[];
  resolve(recorded: Recorded): void;
  reject(error: unknown): void;
}

/** A commit that has ended, one way or the other. */
type Finished<K extends Kind> = { readonly group: readonly Request<K>[] } & (
  | { readonly appended: Appended<K> }
  | { readonly error: unknown }
);

/** Resolves when the event loop has read what there is to read. */
function nextTurn(): Promise<void> {
  return new Promise(setImmediate);
}

/** The requests of one kind that wait, and the commits that take them. */
class Lane<K extends Kind> {
  readonly kind: K;
  running: Promise<void> | undefined;
  waitingEvents = 0;
  private waiting: Request<K>[] = [];

  constructor(kind: K) {
    this.kind = kind;
  }

  add(request: Request<K>): void {
    this.waiting.push(request);
    this.waitingEvents += request.events.length;
  }

  /** The oldest requests that make a commit. */
  takeGroup(): readonly Request<K>[] {
    let events = 0;
    let end = 0;
    while (
      end < this.waiting.length &&
      (end === 0 || events + (this.waiting[end]?.events.length ?? 0) <= GROUP_EVENTS)
    ) {
      events += this.waiting[end++]?.events.length ?? 0;
    }
    const group = this.waiting.slice(0, end);
    this.waiting = this.waiting.slice(end);
    this.waitingEvents -= events;
    return group;
  }
}
