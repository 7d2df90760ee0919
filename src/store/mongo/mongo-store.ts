import type { Collection } from 'mongodb';
import { KINDS, type Kind } from '../../../schemas/event.ts';
import type { Clock } from '../../core/clock.ts';
import type { EventOf, StoredBatch, StoredEvent } from '../../core/event.ts';
import { LightwatchError } from '../../errors.ts';
import type {
  AggregateQuery,
  Aggregation,
  Appended,
  Expired,
  FacetQuery,
  Facets,
  Page,
  PageQuery,
  ReadOptions,
  ScanQuery,
  ServiceRecord,
  Store,
  StoreStats,
  TallyGroup,
  TallyQuery,
} from '../store.ts';
import { queryAggregate } from './aggregate-query.ts';
import { append } from './append.ts';
import { EVENT_COLLECTIONS, SERVICES } from './collections.ts';
import { type Connection, type ConnectionOptions, connect, openError } from './connection.ts';
import { questionOptions, type Within, within } from './deadline.ts';
import { decodeEvent, type EventDocument } from './event-document.ts';
import { deleteBefore } from './expire.ts';
import { queryFacets } from './facet-query.ts';
import { Figures } from './figures.ts';
import { MongoDocuments } from './mongo-documents.ts';
import type { MongoLog } from './mongo-log.ts';
import { queryPage } from './page-query.ts';
import { prepare, type Retention } from './prepare.ts';
import { scan } from './scan-query.ts';
import { ServiceRecords } from './service-records.ts';
import { readError, writeError } from './store-error.ts';
import { queryTally } from './tally-query.ts';
import { earlierId, TimeOrderedIds } from './time-ordered-ids.ts';

export interface MongoStoreOptions extends ConnectionOptions {
  /** Undefined leaves it as it is. */
  readonly retentionMs: Retention | undefined;
  readonly clock: Clock;
  readonly log: MongoLog;
}

/** How far an event's id may lie before one that was seen earlier: the time an insert takes, and clocks that differ. */
const LATE_MS = 5000;

type Collections = Readonly<Record<Kind, Collection<EventDocument>>>;

/**
 * Events and documents in MongoDB, where several replicas may share them. Nothing of an answer is kept here: every
 * question goes to the server, so that each replica sees what all of them have stored.
 */
export class MongoStore implements Store {
  readonly isShared = true;
  readonly documents: MongoDocuments;
  readonly #connection: Connection;
  readonly #options: MongoStoreOptions;
  readonly #collections: Collections;
  readonly #within: Within;
  readonly #services: ServiceRecords;
  readonly #ids: TimeOrderedIds;
  readonly #figures: Figures;
  /** The last append of each kind: the next one waits for it, so that who reads by id sees no gap fill up behind it. */
  readonly #appending = new Map<Kind, Promise<unknown>>();
  #closing: Promise<void> | undefined;

  private constructor(connection: Connection, options: MongoStoreOptions, ids: TimeOrderedIds, figures: Figures) {
    this.#connection = connection;
    this.#options = options;
    this.#collections = collectionsOf(connection);
    this.#within = within(options.timeoutMs);
    this.#services = new ServiceRecords(connection.db.collection(SERVICES), this.#within);
    this.#ids = ids;
    this.#figures = figures;
    this.documents = new MongoDocuments(connection.db, ids, this.#within);
  }

  /**
   * Connects, and makes or changes the collections as the settings ask.
   * @throws LW_STORE_UNAVAILABLE with a message for the operator
   */
  static async open(options: MongoStoreOptions): Promise<MongoStore> {
    const connection = await connect(options);
    try {
      await prepare(connection.db, options.retentionMs, options.log);
      const ids = new TimeOrderedIds(options.clock, await newestId(connection));
      return new MongoStore(connection, options, ids, await Figures.of(connection.db, options.clock));
    } catch (cause) {
      await connection.close().catch(() => undefined);
      throw openError(connection, cause);
    }
  }

  append<K extends Kind>(kind: K, events: readonly EventOf<K>[]): Promise<Appended<K>> {
    if (this.#closing !== undefined)
      return Promise.reject(new LightwatchError('LW_SHUTTING_DOWN', 'the server is shutting down', { retryAfterS: 5 }));
    const appended = (this.#appending.get(kind) ?? Promise.resolve()).then(() => this.#append(kind, events));
    this.#appending.set(
      kind,
      appended.catch(() => undefined),
    );
    return appended;
  }

  async #append<K extends Kind>(kind: K, events: readonly EventOf<K>[]): Promise<Appended<K>> {
    const receivedAt = this.#options.clock.now();
    // Not before it is its turn: as long as it waited, events of others would appear before it.
    const id = this.#ids.take(events.length);
    try {
      const appended = await append(this.#collections[kind], { kind, events, receivedAt, id }, this.#within);
      this.#figures.add(kind, appended.stored.events.length);
      if (kind === 'heartbeat') await this.#noteServices(appended.stored as unknown as StoredBatch<'heartbeat'>);
      return appended;
    } catch (cause) {
      throw writeError(cause);
    }
  }

  /** The heartbeats are stored: that the list of services is not up to date yet is no reason to refuse them. */
  async #noteServices(stored: StoredBatch<'heartbeat'>): Promise<void> {
    this.#services.add(stored);
    await this.#services.write().catch((err: unknown) => {
      this.#options.log.warn({ err }, 'the list of services could not be written; it will be with the next heartbeat');
    });
  }

  page<K extends Kind>(query: PageQuery<K>, { signal }: ReadOptions = {}): Promise<Page<K>> {
    return reading(() => queryPage(this.#collections[query.kind], query, signal), signal);
  }

  get<K extends Kind>(kind: K, id: string): Promise<StoredEvent<K> | undefined> {
    return reading(async () => {
      const filter = { $or: [{ id: { $eq: id } }, { _id: { $eq: id } }] };
      const found = await this.#collections[kind].find(filter, questionOptions()).limit(2).toArray();
      const event = found.find((document) => document.id === id) ?? found[0];
      return event === undefined ? undefined : decodeEvent<K>(event);
    });
  }

  since<K extends Kind>(kind: K, afterId: string, limit: number): Promise<readonly StoredEvent<K>[]> {
    return reading(async () => {
      const filter = { id: { $gt: afterId } };
      const cursor = this.#collections[kind].find(filter, questionOptions()).sort({ id: 1 }).limit(limit);
      return (await cursor.toArray()).map((document) => decodeEvent<K>(document));
    });
  }

  resumeAfter(id: string): string {
    return earlierId(id, LATE_MS);
  }

  aggregate(query: AggregateQuery, { signal }: ReadOptions = {}): Promise<Aggregation> {
    return reading(() => queryAggregate(this.#collections[query.kind], query, signal), signal);
  }

  facets(query: FacetQuery, { signal }: ReadOptions = {}): Promise<Facets> {
    return reading(() => queryFacets(this.#collections[query.kind], query, signal), signal);
  }

  tally(query: TallyQuery, { signal }: ReadOptions = {}): Promise<readonly TallyGroup[]> {
    return reading(() => queryTally(this.#collections[query.kind], query, signal), signal);
  }

  async *scan<K extends Kind>(
    query: ScanQuery<K>,
    { signal }: ReadOptions = {},
  ): AsyncGenerator<readonly StoredEvent<K>[]> {
    try {
      yield* scan(this.#collections[query.kind], query, signal);
    } catch (cause) {
      throw readError(cause, signal);
    }
  }

  services(): Promise<readonly ServiceRecord[]> {
    return reading(() => this.#services.list());
  }

  async expire(kind: Kind, before: number): Promise<Expired> {
    try {
      const events = await deleteBefore(this.#collections[kind], before);
      this.#figures.add(kind, -events);
      if (kind === 'heartbeat') await this.#services.expire(before);
      return { events };
    } catch (cause) {
      throw writeError(cause);
    }
  }

  async remove(kind: Kind, id: string): Promise<boolean> {
    const event = await this.get(kind, id);
    if (event === undefined) return false;
    try {
      const { deletedCount } = await this.#collections[kind].deleteOne({ id: event.id }, this.#within());
      this.#figures.add(kind, -deletedCount);
      return deletedCount > 0;
    } catch (cause) {
      throw writeError(cause);
    }
  }

  async check(): Promise<void> {
    await reading(() => this.#connection.db.command({ ping: 1 }, this.#within()));
  }

  stats(): StoreStats {
    return { engine: 'mongodb', ...this.#figures.read(), pending: 0, setAside: 0 };
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#appending.values()).then(() => this.#connection.close());
    return this.#closing;
  }
}

function collectionsOf({ db }: Connection): Collections {
  const collections = KINDS.map((kind) => [kind, db.collection<EventDocument>(EVENT_COLLECTIONS[kind])]);
  return Object.fromEntries(collections) as Collections;
}

/** The greatest id of any kind, empty when there is none. */
async function newestId(connection: Connection): Promise<string> {
  const newest = await Promise.all(
    Object.values(collectionsOf(connection)).map((collection) =>
      collection
        .find({}, { projection: { id: 1 }, ...questionOptions() })
        .sort({ id: -1 })
        .limit(1)
        .toArray(),
    ),
  );
  return (
    newest
      .flatMap((events) => events.map(({ id }) => id))
      .sort()
      .at(-1) ?? ''
  );
}

async function reading<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw readError(cause, signal);
  }
}
