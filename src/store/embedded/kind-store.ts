import { join } from 'node:path';
import type { Kind } from '../../../schemas/event.ts';
import { HEALTH_STATES } from '../../../schemas/heartbeat.ts';
import type { Clock } from '../../core/clock.ts';
import type { EventOf, StoredBatch, StoredEvent } from '../../core/event.ts';
import { equals } from '../../core/filter.ts';
import type { AggregateGroup, AggregateQuery, Appended, Page, PageQuery, ServiceRecord } from '../store.ts';
import { queryAggregate } from './aggregate-query.ts';
import { DAY_MS, DayFiles, dayOf, loadedSpan } from './day-files.ts';
import type { Engine, Read } from './engine.ts';
import { parseId } from './filter-sql.ts';
import { HotPages } from './hot-pages.ts';
import { Journal, type Segment, type Span } from './journal.ts';
import { Loader, type LoaderHooks } from './loader.ts';
import { queryPage } from './page-query.ts';
import type { Partition } from './partition.ts';
import { encodeBatch, MAX_RECORD_BYTES, recordSpan, timesOf } from './record.ts';
import { type Seen, SeenIds } from './seen-ids.ts';
import { decodeRow, journalRows, selectList } from './tables.ts';

export interface KindStoreOptions {
  readonly dataDir: string;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly dedupWindowMs: number;
  /** Takes the next `count` ids and answers the first. Ids are shared by all kinds. */
  readonly takeIds: (count: number) => number;
  readonly hooks: LoaderHooks;
}

/** The events of one kind: their journal, their day files, and what is kept in memory to answer fast. */
export class KindStore<K extends Kind> {
  private readonly kind: K;
  private readonly options: KindStoreOptions;
  private readonly journal: Journal;
  private readonly days: DayFiles;
  private readonly loader: Loader;
  private readonly seen: SeenIds;
  private readonly hot: HotPages;

  private constructor(kind: K, options: KindStoreOptions, journal: Journal, days: DayFiles) {
    this.kind = kind;
    this.options = options;
    this.journal = journal;
    this.days = days;
    this.loader = new Loader(kind, journal, days, options.engine, options.clock, options.hooks);
    this.seen = new SeenIds(options.dedupWindowMs);
    this.hot = new HotPages(options.clock);
  }

  /** Opens the kind's files, and loads what the journal still holds after a crash. */
  static async open<K extends Kind>(kind: K, options: KindStoreOptions): Promise<KindStore<K>> {
    const days = await DayFiles.open(kind, join(options.dataDir, 'events', kind), options.engine);
    const journal = await Journal.open(join(options.dataDir, 'journal', kind), recordSpan);
    const store = new KindStore(kind, options, journal, days);
    for (const segment of await journal.seal()) store.loader.acknowledge(segment);
    await store.loader.catchUp();
    await store.rememberIds();
    return store;
  }

  /** The newest id that was ever given to an event of this kind, 0 if none. */
  get lastId(): number {
    return this.loader.acknowledged;
  }

  /** See `Store.append`. */
  async append(events: readonly EventOf<K>[]): Promise<Appended<K>> {
    const now = this.options.clock.now();
    const { fresh, repeats } = this.sortOut(events, now);
    const firstId = this.options.takeIds(fresh.length);
    const batch: StoredBatch<K> = {
      kind: this.kind,
      receivedAt: now,
      events: fresh,
      id: (index) => String(firstId + index),
    };
    const stored = fresh.length === 0 ? Promise.resolve() : this.commit(batch, firstId);
    const entries = this.remember(batch, firstId, stored);
    try {
      await stored;
    } catch (error) {
      for (const [eventId, seen] of entries) this.seen.forget(eventId, seen);
      throw error;
    }
    if (repeats.size === 0) return { stored: batch, id: batch.id };
    const ids = await this.idsOf(events, repeats, firstId);
    return { stored: batch, id: (index) => ids[index] ?? '' };
  }

  async page(query: PageQuery<K>): Promise<Page<K>> {
    if (!HotPages.serves(query)) return (await this.answer(query)).page;
    const page = await this.hot.page(query, (asked) => this.answer(asked as PageQuery<K>));
    return page as unknown as Page<K>;
  }

  async get(id: string): Promise<StoredEvent<K> | undefined> {
    const page = await this.page({
      kind: this.kind,
      where: equals('event_id', id),
      order: 'desc',
      limit: 1,
      offset: 0,
      total: false,
    });
    const [event] = page.events;
    if (event !== undefined) return event;
    const number = parseId(id);
    if (number === undefined) return undefined;
    const [found] = await this.inOrder(number, number, 1);
    return found;
  }

  /** See `Store.since`. */
  async since(afterId: string, limit: number): Promise<readonly StoredEvent<K>[]> {
    return this.inOrder((parseId(afterId) ?? 0) + 1, Number.MAX_SAFE_INTEGER, limit);
  }

  async aggregate(query: AggregateQuery): Promise<readonly AggregateGroup[]> {
    return this.withPartitions((read, partitions) => queryAggregate(read, partitions, query));
  }

  /** See `Store.expire`. */
  async expire(before: number): Promise<number> {
    await this.loader.catchUp();
    const events = await this.days.expire(before);
    if (events > 0) this.hot.clear();
    return events;
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
          `FROM (${all}) GROUP BY service, host ORDER BY max(id)`,
      );
      return rows.map((row) => ({
        service: String(row.service),
        host: row.host === null ? null : String(row.host),
        status: HEALTH_STATES[Number(row.status)] ?? 'unhealthy',
        version: row.version === '' ? null : String(row.version),
        lastSeen: Number(row.seen),
      }));
    });
  }

  stats() {
    const events = this.days.list().reduce((sum, file) => sum + file.events, 0);
    return { events: events + this.loader.pending, pending: this.loader.pending, damaged: this.days.damaged };
  }

  /** Waits for what was appended, loads it, and lets go. */
  async close(): Promise<void> {
    await this.loader.close();
    await this.journal.close();
  }

  private async commit(batch: StoredBatch<K>, firstId: number): Promise<void> {
    const { events } = batch;
    const writes: Promise<void>[] = [];
    // A batch that would overflow the journal's segment is cut where it is full.
    for (let start = 0; start < events.length; ) {
      const end = Math.min(events.length, start + this.journal.room);
      writes.push(
        this.write(
          start === 0 && end === events.length ? events : events.slice(start, end),
          firstId + start,
          batch.receivedAt,
        ),
      );
      start = end;
    }
    await Promise.all(writes);
    this.hot.add(batch);
  }

  private async write(events: readonly EventOf<K>[], firstId: number, receivedAt: number): Promise<void> {
    const lastId = firstId + events.length - 1;
    const span: Span = { day: dayOf(receivedAt), firstId, lastId, events: events.length, ...timesOf(events) };
    await this.journal.append(Buffer.from(encodeBatch(this.kind, events, firstId, receivedAt)), span);
    this.loader.acknowledge(span);
  }

  /** Parts what is new from what was stored before, or stands in the same call twice. */
  private sortOut(events: readonly EventOf<K>[], now: number) {
    const repeats = new Map<number, Seen | number>();
    if (!events.some((event) => event.event_id !== undefined)) return { fresh: events, repeats };
    const here = new Map<string, number>();
    const fresh: EventOf<K>[] = [];
    for (const [index, event] of events.entries()) {
      const eventId = event.event_id;
      const earlier = eventId === undefined ? undefined : (this.seen.find(eventId, now) ?? here.get(eventId));
      if (earlier !== undefined) {
        repeats.set(index, earlier);
        continue;
      }
      if (eventId !== undefined) here.set(eventId, fresh.length);
      fresh.push(event);
    }
    return { fresh, repeats };
  }

  private remember(
    batch: StoredBatch<K>,
    firstId: number,
    stored: Promise<void>,
  ): readonly (readonly [string, Seen])[] {
    const entries: [string, Seen][] = [];
    for (const [index, event] of batch.events.entries()) {
      if (event.event_id === undefined) continue;
      const seen: Seen = { id: firstId + index, at: batch.receivedAt, stored };
      this.seen.add(event.event_id, seen);
      entries.push([event.event_id, seen]);
    }
    return entries;
  }

  /** The id of each event of a call, once the repeats among them are stored too. */
  private async idsOf(
    events: readonly EventOf<K>[],
    repeats: ReadonlyMap<number, Seen | number>,
    firstId: number,
  ): Promise<readonly string[]> {
    const ids: string[] = [];
    let fresh = 0;
    for (const index of events.keys()) {
      const earlier = repeats.get(index);
      if (earlier === undefined) {
        ids.push(String(firstId + fresh++));
      } else if (typeof earlier === 'number') {
        ids.push(String(firstId + earlier));
      } else {
        await earlier.stored;
        ids.push(String(earlier.id));
      }
    }
    return ids;
  }

  /** The senders' ids of the last window, after a start. */
  private async rememberIds(): Promise<void> {
    const from = this.options.clock.now() - this.options.dedupWindowMs;
    for (const file of this.days.list()) {
      if (Date.parse(file.day) + DAY_MS < from) continue;
      const rows = await this.options.engine.snapshot((read) =>
        read(
          `SELECT id, event_id, received_at FROM ${file.alias}.events WHERE event_id IS NOT NULL AND received_at >= ? ORDER BY id`,
          [from],
        ),
      );
      for (const row of rows) {
        this.seen.add(String(row.event_id), {
          id: Number(row.id),
          at: Number(row.received_at),
          stored: Promise.resolve(),
        });
      }
    }
  }

  /** A page from the files, and up to which id it has seen everything. */
  private answer(query: PageQuery<K>): Promise<{ readonly page: Page<K>; readonly lastId: number }> {
    return this.withPartitions(async (read, partitions, lastId) => ({
      page: await queryPage(read, partitions, query),
      lastId,
    }));
  }

  /** Events whose ids lie in a range, in the order of their ids. */
  private async inOrder(firstId: number, lastId: number, limit: number): Promise<readonly StoredEvent<K>[]> {
    return this.withPartitions(async (read, partitions) => {
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
      return found;
    });
  }

  /**
   * Asks everything that was acknowledged before the call. Normally that is in the day files; while loading fails (a full
   * disk) the journal is one more partition. `lastId` is the newest event that the answer has seen.
   */
  private async withPartitions<T>(
    ask: (read: Read, partitions: readonly Partition[], lastId: number) => Promise<T>,
  ): Promise<T> {
    const left = await this.loader.catchUp();
    return this.options.engine.snapshot(async (read) => {
      const files = this.days.list();
      const newest = files.at(-1);
      const partitions: Partition[] = files.map((file) => ({ ...file, source: `${file.alias}.events` }));
      let lastId = this.days.lastId();
      if (newest !== undefined) {
        // Only the newest file changes: what this snapshot sees of it is what its own row says.
        const [row] = await read(`SELECT * FROM ${newest.alias}.loaded`);
        const span = loadedSpan(newest.day, row);
        partitions[partitions.length - 1] = { ...span, source: `${newest.alias}.events` };
        lastId = Math.max(span.lastId, ...files.slice(0, -1).map((file) => file.lastId));
      }
      const rest = left.filter((segment) => segment.lastId > lastId);
      if (rest.length > 0) partitions.push(this.journalPartition(rest));
      return ask(read, partitions, Math.max(lastId, ...rest.map((segment) => segment.lastId)));
    });
  }

  private journalPartition(segments: readonly Segment[]): Partition {
    const paths = segments.map((segment) => segment.path);
    return {
      source: `(${journalRows(this.kind, paths, MAX_RECORD_BYTES)})`,
      firstId: Math.min(...segments.map((segment) => segment.firstId)),
      lastId: Math.max(...segments.map((segment) => segment.lastId)),
      events: segments.reduce((sum, segment) => sum + segment.events, 0),
      minTime: Math.min(...segments.map((segment) => segment.minTime)),
      maxTime: Math.max(...segments.map((segment) => segment.maxTime)),
    };
  }
}
