import type { Kind } from '../../../schemas/event.ts';
import { HEALTH_STATES } from '../../../schemas/heartbeat.ts';
import type { StoredEvent } from '../../core/event.ts';
import { equals } from '../../core/filter.ts';
import type {
  AggregateQuery,
  Aggregation,
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
import { type DayFile, type DayFiles, loadedSpan } from './day-files.ts';
import type { Engine, Read } from './engine.ts';
import { queryFacets } from './facet-query.ts';
import { parseId } from './filter-sql.ts';
import type { HotPages } from './hot-pages.ts';
import type { Segment, Span } from './journal.ts';
import type { KeptCounts } from './kept-counts.ts';
import type { Loader } from './loader.ts';
import { queryPage } from './page-query.ts';
import type { Partition } from './partition.ts';
import { eventsAfter, type RecentEvents } from './recent-events.ts';
import { MAX_RECORD_BYTES } from './record.ts';
import { scanEvents } from './scan-query.ts';
import { MAX_SERVICES } from './service-records.ts';
import { decodeRow, journalRows, selectList } from './tables.ts';
import { queryTally } from './tally-query.ts';
import type { WordFilters } from './word-filters.ts';

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

/** Where events of one kind are: in files, on their way there, and in memory. */
interface KindReaderParts<K extends Kind> {
  readonly kind: K;
  readonly engine: Engine;
  readonly days: DayFiles;
  readonly loader: Loader;
  readonly filters: WordFilters;
  readonly counts: KeptCounts;
  readonly hot: HotPages;
  readonly recent: RecentEvents<K>;
}

/** Answers questions about the events of one kind: each sees everything that was acknowledged before it was asked. */
export class KindReader<K extends Kind> {
  private readonly parts: KindReaderParts<K>;

  constructor(parts: KindReaderParts<K>) {
    this.parts = parts;
  }

  async page(query: PageQuery<K>, options?: ReadOptions): Promise<Page<K>> {
    const page = await this.parts.hot.page(query, (asked) => this.answer(asked as PageQuery<K>, options));
    return page as unknown as Page<K>;
  }

  async get(id: string): Promise<StoredEvent<K> | undefined> {
    const number = parseId(id);
    const [own] = number === undefined ? [] : await this.inOrder(number, number, 1);
    if (own !== undefined) return own;
    const where = equals('event_id', id);
    const { page } = await this.answer({
      kind: this.parts.kind,
      where,
      order: 'desc',
      limit: 1,
      offset: 0,
      total: false,
    });
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
    const target = this.parts.loader.acknowledged;
    return scanEvents((ask) => this.withPartitions(ask, options, target), query);
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
          `SELECT ${selectList(this.parts.kind)} FROM ${source} WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ${limit - found.length}`,
          [firstId, lastId],
        );
        found.push(...rows.map((row) => decodeRow(this.parts.kind, row)));
        if (found.length >= limit) break;
      }
      const isAsked = ({ id }: StoredEvent<K>) => Number(id) >= firstId && Number(id) <= lastId;
      return [...found, ...recent.filter(isAsked)].slice(0, limit);
    });
  }

  /** Asks everything that was acknowledged before the call; what is not loaded yet from memory, while it is little. */
  private async withRecent<T>(ask: (read: Read, reach: Reach<K>) => Promise<T>, options: ReadOptions = {}): Promise<T> {
    // What is loaded between this moment and the snapshot is in both, and told by its id.
    const held = this.parts.recent.hasAllAfter(this.parts.loader.loaded) ? this.parts.recent.held() : undefined;
    const left = held === undefined ? await this.parts.loader.catchUp() : [];
    const state = this.state();
    return this.parts.engine.snapshot(async (read) => {
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
    target = this.parts.loader.acknowledged,
  ): Promise<T> {
    const left = await this.parts.loader.catchUp(target);
    const { engine } = this.parts;
    const state = this.state();
    const task = async (read: Read) => ask(read, (await this.partitions(read, left, state)).partitions);
    return options === WITHOUT_LIMIT ? engine.scan(task) : engine.snapshot(task, options);
  }

  /** What is loaded and counted at this moment: a reader that begins later sees all of it, and is to see no more. */
  private state(): LoadedState {
    return { files: this.parts.days.list(), reached: this.parts.counts.reached() };
  }

  /** What a reader sees: the day files, what of `left` is in none of them, and the newest id of all. */
  private async partitions(read: Read, left: readonly Segment[], { files: loaded, reached }: LoadedState) {
    const files = loaded.filter(({ alias }) => this.parts.engine.has(alias));
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
      ranges: (need) => this.parts.filters.ranges(span, need),
      ...(counted === undefined ? {} : { counts: { ...counted, source: `${alias}.counts` } }),
    };
  }

  /** What the journal holds after `lastId`. */
  private journalPartition(segments: readonly Segment[], lastId: number): Partition {
    const paths = segments.map((segment) => segment.path);
    return {
      source: `(SELECT * FROM (${journalRows(this.parts.kind, paths, MAX_RECORD_BYTES)}) WHERE id > ${lastId})`,
      firstId: Math.min(...segments.map((segment) => segment.firstId)),
      lastId: Math.max(...segments.map((segment) => segment.lastId)),
      events: segments.reduce((sum, segment) => sum + segment.events, 0),
      minTime: Math.min(...segments.map((segment) => segment.minTime)),
      maxTime: Math.max(...segments.map((segment) => segment.maxTime)),
    };
  }
}
