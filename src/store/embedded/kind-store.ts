import { join } from 'node:path';
import type { Kind } from '../../../schemas/event.ts';
import { HEALTH_STATES } from '../../../schemas/heartbeat.ts';
import type { Clock } from '../../core/clock.ts';
import type { EventOf, StoredBatch, StoredEvent } from '../../core/event.ts';
import { equals } from '../../core/filter.ts';
import { LightwatchError } from '../../errors.ts';
import type {
  AggregateQuery,
  Aggregation,
  Appended,
  FacetQuery,
  Facets,
  Page,
  PageQuery,
  ReadOptions,
  ScanQuery,
  ServiceRecord,
  TallyGroup,
  TallyQuery,
} from '../store.ts';
import { queryAggregate } from './aggregate-query.ts';
import { DAY_MS, type DayFile, DayFiles, dayOf, loadedSpan } from './day-files.ts';
import { type Engine, type Read, transaction } from './engine.ts';
import { queryFacets } from './facet-query.ts';
import { parseId } from './filter-sql.ts';
import { HotPages } from './hot-pages.ts';
import { Journal, type Segment, type Span } from './journal.ts';
import { KeptCounts } from './kept-counts.ts';
import { Loader, type LoaderHooks } from './loader.ts';
import { queryPage } from './page-query.ts';
import type { Partition } from './partition.ts';
import { eventsAfter, RecentEvents } from './recent-events.ts';
import { encodeBatch, MAX_RECORD_BYTES, recordSpan, timesOf } from './record.ts';
import { scanEvents } from './scan-query.ts';
import { SeenIds } from './seen-ids.ts';
import { MAX_SERVICES } from './service-records.ts';
import { storedIds } from './stored-ids.ts';
import { decodeRow, journalRows, selectList } from './tables.ts';
import { queryTally } from './tally-query.ts';
import { WordFilters } from './word-filters.ts';

/** Acknowledged events that may wait while nothing can be loaded: some 200 MB of journal. Past it senders are told to wait. */
const MAX_PENDING_EVENTS = 2_000_000;

/** At the start a question may take as long as it takes. */
const WITHOUT_LIMIT = Symbol('without a limit of time');

/** What the files hold, and how far it is counted, at one moment: before the snapshot that is to see it begins. */
interface LoadedState {
  readonly files: readonly DayFile[];
  readonly reached: Reached;
}
type Reached = ReturnType<KeptCounts['reached']>;

/** What a question is asked of: the newest event in it is `lastId`. */
interface Reach<K extends Kind> {
  readonly partitions: readonly Partition[];
  /** Events that are in no partition yet, oldest first. */
  readonly recent: readonly StoredEvent<K>[];
  readonly lastId: number;
}

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

  async page(query: PageQuery<K>, options?: ReadOptions): Promise<Page<K>> {
    const page = await this.hot.page(query, (asked) => this.answer(asked as PageQuery<K>, options));
    return page as unknown as Page<K>;
  }

  async get(id: string): Promise<StoredEvent<K> | undefined> {
    const number = parseId(id);
    const [own] = number === undefined ? [] : await this.inOrder(number, number, 1);
    if (own !== undefined) return own;
    const where = equals('event_id', id);
    const { page } = await this.answer({ kind: this.kind, where, order: 'desc', limit: 1, offset: 0, total: false });
    return page.events[0];
  }

  /** See `Store.since`. */
  async since(afterId: string, limit: number): Promise<readonly StoredEvent<K>[]> {
    return this.inOrder((parseId(afterId) ?? 0) + 1, Number.MAX_SAFE_INTEGER, limit);
  }

  async aggregate(query: AggregateQuery, options?: ReadOptions): Promise<Aggregation> {
    const ask = (read: Read, partitions: readonly Partition[]) => queryAggregate(read, partitions, query);
    return { groups: await this.withPartitions(ask, options), exact: true };
  }

  async facets(query: FacetQuery, options?: ReadOptions): Promise<Facets> {
    return this.withPartitions((read, partitions) => queryFacets(read, partitions, query), options);
  }

  async tally(query: TallyQuery, options?: ReadOptions): Promise<readonly TallyGroup[]> {
    return this.withPartitions((read, partitions) => queryTally(read, partitions, query), options);
  }

  scan(query: ScanQuery<K>, options?: ReadOptions): AsyncIterable<readonly StoredEvent<K>[]> {
    // It sees what was there when it began: what arrives while it goes on need not be loaded for each of its looks.
    const target = this.loader.acknowledged;
    return scanEvents((ask) => this.withPartitions(ask, options, target), query);
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
    const event = await this.get(id);
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

  /** The newest heartbeat of every service and host that is kept, oldest first. For the heartbeats' own store. */
  async newestHeartbeats(): Promise<readonly ServiceRecord[]> {
    return this.withPartitions(async (read, partitions) => {
      if (partitions.length === 0) return [];
      const all = partitions
        .map(({ source }) => `SELECT service, host, status, version, received_at, id FROM ${source}`)
        .join(' UNION ALL ');
      const rows = await read(
        "SELECT service, host, arg_max(status, id) AS status, arg_max(coalesce(version, ''), id) AS version, max(received_at) AS seen " +
          `FROM (${all}) GROUP BY service, host ORDER BY max(id) DESC LIMIT ${MAX_SERVICES}`,
      );
      return rows.toReversed().map((row) => ({
        service: String(row.service),
        host: row.host === null ? null : String(row.host),
        status: HEALTH_STATES[Number(row.status)] ?? 'unhealthy',
        version: row.version === '' ? null : String(row.version),
        lastSeen: Number(row.seen),
      }));
    }, WITHOUT_LIMIT);
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

  /** A page from the files, and up to which id it has seen everything. */
  private answer(
    query: PageQuery<K>,
    options?: ReadOptions,
  ): Promise<{ readonly page: Page<K>; readonly lastId: number }> {
    return this.withRecent(
      async (read, { partitions, lastId, recent }) => ({
        page: await queryPage(read, partitions, query, recent),
        lastId,
      }),
      options,
    );
  }

  /** Events whose ids lie in a range, in the order of their ids. */
  private async inOrder(firstId: number, lastId: number, limit: number): Promise<readonly StoredEvent<K>[]> {
    return this.withRecent(async (read, { partitions, recent }) => {
      const found: StoredEvent<K>[] = [];
      for (const { source } of partitions.filter(
        (partition) => partition.lastId >= firstId && partition.firstId <= lastId,
      )) {
        const rows = await read(
          `SELECT ${selectList(this.kind)} FROM ${source} WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ${limit - found.length}`,
          [firstId, lastId],
        );
        found.push(...rows.map((row) => decodeRow(this.kind, row)));
        if (found.length >= limit) break;
      }
      const isAsked = ({ id }: StoredEvent<K>) => Number(id) >= firstId && Number(id) <= lastId;
      return [...found, ...recent.filter(isAsked)].slice(0, limit);
    });
  }

  /** Asks everything that was acknowledged before the call; what is not loaded yet from memory, while it is little. */
  private async withRecent<T>(ask: (read: Read, reach: Reach<K>) => Promise<T>, options: ReadOptions = {}): Promise<T> {
    // What is loaded between this moment and the snapshot is in both, and told by its id.
    const held = this.recent.hasAllAfter(this.loader.loaded) ? this.recent.held() : undefined;
    const left = held === undefined ? await this.loader.catchUp() : [];
    const state = this.state();
    return this.options.engine.snapshot(async (read) => {
      const { partitions, lastId } = await this.partitions(read, left, state);
      const recent = eventsAfter(held ?? [], lastId);
      return ask(read, { partitions, recent, lastId: Number(recent.at(-1)?.id ?? lastId) });
    }, options);
  }

  /**
   * Asks everything that was acknowledged before the call. Normally that is in the day files; while loading fails (a full
   * disk) the journal is one more partition.
   */
  private async withPartitions<T>(
    ask: (read: Read, partitions: readonly Partition[]) => Promise<T>,
    options: ReadOptions | typeof WITHOUT_LIMIT = {},
    target = this.loader.acknowledged,
  ): Promise<T> {
    const left = await this.loader.catchUp(target);
    const { engine } = this.options;
    const state = this.state();
    const task = async (read: Read) => ask(read, (await this.partitions(read, left, state)).partitions);
    return options === WITHOUT_LIMIT ? engine.scan(task) : engine.snapshot(task, options);
  }

  /** What is loaded and counted at this moment: a reader that begins later sees all of it, and is to see no more. */
  private state(): LoadedState {
    return { files: this.days.list(), reached: this.counts.reached() };
  }

  /** What a reader sees: the day files, what of `left` is in none of them, and the newest id of all. */
  private async partitions(read: Read, left: readonly Segment[], { files: loaded, reached }: LoadedState) {
    const files = loaded.filter(({ alias }) => this.options.engine.has(alias));
    const newest = files.at(-1);
    const partitions: Partition[] = files.map((file) => this.dayPartition(file, file, reached));
    if (newest !== undefined) {
      // Only the newest file changes. Where the journal is read beside it, what it holds must be what this reader sees.
      const span =
        left.length === 0 ? newest : loadedSpan(newest.day, (await read(`SELECT * FROM ${newest.alias}.loaded`))[0]);
      const source = `(SELECT * FROM ${newest.alias}.events WHERE id <= ${span.lastId})`;
      partitions[partitions.length - 1] = { ...this.dayPartition(newest, span, reached), source };
    }
    const lastId = Math.max(0, ...partitions.map((partition) => partition.lastId));
    const rest = left.filter((segment) => segment.lastId > lastId);
    if (rest.length > 0) partitions.push(this.journalPartition(rest, lastId));
    return { partitions, lastId: Math.max(lastId, ...rest.map((segment) => segment.lastId)) };
  }

  private dayPartition({ alias }: DayFile, span: Span, reached: Reached): Partition {
    const counted = reached(span.day);
    return {
      ...span,
      source: `${alias}.events`,
      ranges: (need) => this.filters.ranges(span, need),
      ...(counted === undefined ? {} : { counts: { ...counted, source: `${alias}.counts` } }),
    };
  }

  /** What the journal holds after `lastId`. */
  private journalPartition(segments: readonly Segment[], lastId: number): Partition {
    const paths = segments.map((segment) => segment.path);
    return {
      source: `(SELECT * FROM (${journalRows(this.kind, paths, MAX_RECORD_BYTES)}) WHERE id > ${lastId})`,
      firstId: Math.min(...segments.map((segment) => segment.firstId)),
      lastId: Math.max(...segments.map((segment) => segment.lastId)),
      events: segments.reduce((sum, segment) => sum + segment.events, 0),
      minTime: Math.min(...segments.map((segment) => segment.minTime)),
      maxTime: Math.max(...segments.map((segment) => segment.maxTime)),
    };
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
