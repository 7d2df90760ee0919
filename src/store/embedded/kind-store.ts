import { join } from 'node:path';
import type { Kind } from '../../../schemas/event.ts';
import type { Clock } from '../../core/clock.ts';
import type { EventOf, StoredBatch } from '../../core/event.ts';
import { LightwatchError } from '../../errors.ts';
import type { Appended } from '../store.ts';
import { DAY_MS, DayFiles, dayOf } from './day-files.ts';
import { type Engine, transaction } from './engine.ts';
import { HotPages } from './hot-pages.ts';
import { Journal, type Span } from './journal.ts';
import { KeptCounts } from './kept-counts.ts';
import { KindReader } from './kind-reader.ts';
import { Loader, type LoaderHooks } from './loader.ts';
import { RecentEvents } from './recent-events.ts';
import { encodeBatch, recordSpan, timesOf } from './record.ts';
import { SeenIds } from './seen-ids.ts';
import { storedIds } from './stored-ids.ts';
import { WordFilters } from './word-filters.ts';

/** Acknowledged events that may wait while nothing can be loaded: some 200 MB of journal. Past it senders are told to wait. */
const MAX_PENDING_EVENTS = 2_000_000;

/** After a start there is better to do than to remember ids that nobody has asked for yet. */
const REMEMBER_AFTER_MS = 1000;

/** An event that is not stored again: the id of the first, or its place among the new ones of the same call. */
type Repeat = { readonly id: number } | { readonly place: number };

export interface KindStoreOptions {
  readonly dataDir: string;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly dedupWindowMs: number;
  /** Takes the next `count` ids and answers the first. Ids are shared by all kinds. */
  readonly takeIds: (count: number) => number;
  readonly hooks: LoaderHooks;
  /** Rows of a block of the word filters, when not the usual number. */
  readonly blockRows?: number;
  /** Events that are counted in one go, when not the usual number. */
  readonly countedRows?: number;
}

/** The events of one kind: their journal, their day files, and what is kept in memory to answer fast. */
export class KindStore<K extends Kind> {
  private readonly kind: K;
  private readonly options: KindStoreOptions;
  private readonly journal: Journal;
  private readonly days: DayFiles;
  private readonly loader: Loader;
  private readonly filters: WordFilters;
  private readonly counts: KeptCounts;
  private readonly seen: SeenIds;
  private readonly hot: HotPages;
  private readonly recent = new RecentEvents<K>();
  /** Answers what is asked of the events. */
  readonly reader: KindReader<K>;
  private appending: Promise<unknown> = Promise.resolve();
  /**
   * The ids of the time before the start, once somebody needs them. Questions and the start itself do not wait for them;
   * an event with an id of its own does, or a repeat of what was stored before would be stored once more.
   */
  private remembering: Promise<void> | undefined;
  private reminder: NodeJS.Timeout | undefined;
  /** When the newest event arrived, in milliseconds since the epoch. */
  private receivedAt = 0;

  private constructor(kind: K, options: KindStoreOptions, journal: Journal, days: DayFiles) {
    this.kind = kind;
    this.options = options;
    this.journal = journal;
    this.days = days;
    this.loader = new Loader(kind, journal, days, options.engine, options.clock, {
      ...options.hooks,
      loaded: () => {
        options.hooks.loaded();
        this.recent.forget(this.loader.loaded);
        this.filters.wake();
        this.counts.wake();
      },
    });
    this.filters = new WordFilters(kind, days, options.engine, () => this.loader.isIdle, options.blockRows);
    this.counts = new KeptCounts(kind, days, options.engine, () => this.loader.isIdle, options.countedRows);
    this.seen = new SeenIds(options.dedupWindowMs);
    this.hot = new HotPages(options.clock);
    const { engine } = options;
    const { loader, filters, counts, hot, recent } = this;
    this.reader = new KindReader({ kind, engine, days, loader, filters, counts, hot, recent });
    this.receivedAt = Math.max(0, ...days.list().map((file) => Date.parse(file.day)));
  }

  /** Opens the kind's files, and loads what the journal still holds after a crash. */
  static async open<K extends Kind>(kind: K, options: KindStoreOptions): Promise<KindStore<K>> {
    const days = await DayFiles.open(kind, join(options.dataDir, 'events', kind), options.engine);
    const journal = await Journal.open(join(options.dataDir, 'journal', kind), recordSpan);
    const store = new KindStore(kind, options, journal, days);
    for (const segment of await journal.seal()) store.loader.acknowledge(segment);
    await store.loader.catchUp();
    await store.filters.open();
    await store.counts.open();
    store.filters.wake();
    store.counts.wake();
    // Who appends is told of what goes wrong; nobody else has to be.
    store.reminder = setTimeout(() => store.remember().catch(() => undefined), REMEMBER_AFTER_MS);
    return store;
  }

  /** The newest id that was ever given to an event of this kind, 0 if none. */
  get lastId(): number {
    return this.loader.acknowledged;
  }

  /** See `Store.append`. */
  append(events: readonly EventOf<K>[]): Promise<Appended<K>> {
    const appended = this.appending
      .then(() => (events.some(hasOwnId) ? this.remember() : undefined))
      .then(() => this.store(events));
    this.appending = appended.catch(() => undefined);
    return appended;
  }

  /** See `Store.expire`. */
  async expire(before: number): Promise<number> {
    await this.loader.catchUp();
    const events = await this.days.expire(before);
    if (events > 0) this.hot.clear();
    await this.filters.prune();
    return events;
  }

  /** See `Store.remove`. */
  async remove(id: string): Promise<boolean> {
    const event = await this.reader.get(id);
    if (event === undefined) return false;
    const number = Number(event.id);
    return this.loader.alone(async () => {
      const file = this.days.list().find(({ firstId, lastId }) => number >= firstId && number <= lastId);
      if (file === undefined) return false;
      const events = file.events - 1;
      const isGone = await this.options.engine.write((run) =>
        transaction(run, async () => {
          // Somebody else may have been quicker.
          const gone = await run(`DELETE FROM ${file.alias}.events WHERE id = ${number} RETURNING id`);
          if (gone.length === 0) return false;
          await run(`UPDATE ${file.alias}.loaded SET events = ${events}`);
          await this.counts.recount(run, file.alias, number, event.timestamp);
          return true;
        }),
      );
      if (!isGone) return false;
      this.days.update({ ...file, events });
      await this.counts.refresh(file);
      this.hot.clear();
      return true;
    });
  }

  stats() {
    const events = this.days.list().reduce((sum, file) => sum + file.events, 0);
    return { events: events + this.loader.pending, pending: this.loader.pending, damaged: this.days.damaged };
  }

  /** Loads what was appended, and does what follows loading. */
  async settle(): Promise<void> {
    await this.loader.catchUp();
    await this.filters.settled();
    await this.counts.settled();
  }

  /** Waits for what was appended, loads it, and lets go. */
  async close(): Promise<void> {
    await this.appending;
    clearTimeout(this.reminder);
    await this.remembering?.catch(() => undefined);
    await this.loader.close();
    await this.filters.close();
    await this.counts.close();
    await this.journal.close();
  }

  private async store(events: readonly EventOf<K>[]): Promise<Appended<K>> {
    if (this.loader.pending > MAX_PENDING_EVENTS) {
      throw new LightwatchError('LW_OVERLOADED', 'events arrive faster than they can be loaded', { retryAfterS: 2 });
    }
    await this.loader.room();
    // Days never go back, whatever the clock does: only the newest file changes.
    this.receivedAt = Math.max(this.receivedAt, this.options.clock.now());
    const { receivedAt } = this;
    const { fresh, repeats } = this.sortOut(events, receivedAt);
    const firstId = this.options.takeIds(fresh.length);
    for (let start = 0; start < fresh.length; ) {
      // A batch that overflows the journal's segment is cut where it is full.
      const end = Math.min(fresh.length, start + this.journal.room);
      const part = start === 0 && end === fresh.length ? fresh : fresh.slice(start, end);
      await this.commit(part, firstId + start, receivedAt);
      start = end;
    }
    const stored: StoredBatch<K> = {
      kind: this.kind,
      receivedAt,
      events: fresh,
      id: (index) => String(firstId + index),
    };
    if (repeats.size === 0) return { stored, id: stored.id };
    const ids = idsOf(events.length, repeats, firstId);
    return { stored, id: (index) => ids[index] ?? '' };
  }

  /** Makes events of one segment durable, and known to everything that answers from memory. */
  private async commit(events: readonly EventOf<K>[], firstId: number, receivedAt: number): Promise<void> {
    const lastId = firstId + events.length - 1;
    const span: Span = { day: dayOf(receivedAt), firstId, lastId, events: events.length, ...timesOf(events) };
    const bytes = Buffer.from(encodeBatch(this.kind, events, firstId, receivedAt));
    await this.journal.append(bytes, span);
    const batch: StoredBatch<K> = { kind: this.kind, receivedAt, events, id: (index) => String(firstId + index) };
    this.recent.add(batch, bytes.length);
    this.loader.acknowledge(span);
    for (let index = 0; index < events.length; index++) {
      const eventId = events[index]?.event_id;
      if (eventId !== undefined) this.seen.add(eventId, { id: firstId + index, at: receivedAt });
    }
    this.hot.add(batch);
  }

  /** Parts what is new from what was stored before, or stands in the same call twice: then its place among the new. */
  private sortOut(events: readonly EventOf<K>[], now: number) {
    const repeats = new Map<number, Repeat>();
    if (!events.some(hasOwnId)) return { fresh: events, repeats };
    const here = new Map<string, number>();
    const fresh: EventOf<K>[] = [];
    for (const [index, event] of events.entries()) {
      const eventId = event.event_id;
      const seen = eventId === undefined ? undefined : this.seen.find(eventId, now);
      const place = eventId === undefined ? undefined : here.get(eventId);
      if (seen !== undefined) repeats.set(index, { id: seen.id });
      else if (place !== undefined) repeats.set(index, { place });
      else {
        if (eventId !== undefined) here.set(eventId, fresh.length);
        fresh.push(event);
      }
    }
    return { fresh, repeats };
  }

  /** Once; after a failure the next who needs it tries again. */
  private remember(): Promise<void> {
    this.remembering ??= this.rememberIds().catch((cause) => {
      this.remembering = undefined;
      throw cause;
    });
    return this.remembering;
  }

  /** The senders' ids of the last window, after a start. */
  private async rememberIds(): Promise<void> {
    const from = this.options.clock.now() - this.options.dedupWindowMs;
    const files = this.days.list().filter((file) => Date.parse(file.day) + DAY_MS >= from);
    for await (const ids of storedIds(this.options.engine, files, from)) {
      for (const [eventId, seen] of ids) this.seen.add(eventId, seen);
    }
  }
}

/** Whether its sender gave it an id: only such an event can be a repeat. */
const hasOwnId = ({ event_id: eventId }: EventOf) => eventId !== undefined;

/** The id of each of a call's events. */
function idsOf(events: number, repeats: ReadonlyMap<number, Repeat>, firstId: number): readonly string[] {
  const ids: string[] = [];
  let fresh = 0;
  for (let index = 0; index < events; index++) {
    const repeat = repeats.get(index);
    if (repeat === undefined) ids.push(String(firstId + fresh++));
    else ids.push(String('id' in repeat ? repeat.id : firstId + repeat.place));
  }
  return ids;
}
