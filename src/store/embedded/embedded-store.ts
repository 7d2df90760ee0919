import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KINDS, type Kind } from '../../../schemas/event.ts';
import type { Clock } from '../../core/clock.ts';
import type { DiskUse } from '../../core/disk-forecast.ts';
import type { EventOf, StoredEvent } from '../../core/event.ts';
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
import { measureDisk } from './disk-use.ts';
import { Engine, type EngineLog } from './engine.ts';
import { FileDocuments } from './file-documents.ts';
import { KindStore } from './kind-store.ts';
import { ServiceRecords } from './service-records.ts';
import { openError, readError, writeError } from './store-error.ts';

export interface EmbeddedStoreOptions {
  readonly dataDir: string;
  readonly dedupWindowMs: number;
  readonly clock: Clock;
  readonly log: StoreLog;
  /** Rows of a block of the word filters; absent: as many as are best. Tests have few rows. */
  readonly blockRows?: number;
  /** Events that are counted in one go; absent: as many as are best. */
  readonly countedRows?: number;
}

/** Where the store says what an operator should know. */
export type StoreLog = EngineLog;

/** The size on disk is measured at most this often. */
const SIZE_EVERY_MS = 5_000;

/** A journal that makes events durable and DuckDB files, one a day, that answer questions about them. */
export class EmbeddedStore implements Store {
  readonly documents: FileDocuments;
  /** The lock on its directory sees to it. */
  readonly isShared = false;
  private readonly options: EmbeddedStoreOptions;
  private readonly engine: Engine;
  private readonly kinds: { readonly [K in Kind]: KindStore<K> };
  private readonly records: ServiceRecords;
  private readonly condition: Condition;
  private disk: DiskUse | undefined;
  private measuredAt = Number.NEGATIVE_INFINITY;
  private closing: Promise<void> | undefined;

  private constructor(
    options: EmbeddedStoreOptions,
    engine: Engine,
    documents: FileDocuments,
    kinds: { readonly [K in Kind]: KindStore<K> },
    records: ServiceRecords,
    condition: Condition,
  ) {
    this.options = options;
    this.engine = engine;
    this.documents = documents;
    this.kinds = kinds;
    this.records = records;
    this.condition = condition;
  }

  /**
   * Opens the store in `dataDir`, made if it does not exist, and brings it up to what was acknowledged before.
   * @throws LW_STORE_UNAVAILABLE when another process has it, or it cannot be written.
   */
  static async open(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
    const tempDir = join(options.dataDir, 'tmp');
    const engine = await Engine.open({ tempDir, log: options.log });
    try {
      await mkdir(options.dataDir, { recursive: true });
      const documents = await FileDocuments.open(engine, join(options.dataDir, 'documents.duckdb'));
      // What a killed process has spilled. Only now is it sure that no other one is using it.
      await rm(tempDir, { recursive: true, force: true });
      const condition: Condition = { setAside: 0, failure: undefined };
      // Ids begin at the time of the first start, so that they keep their order when a store is begun anew.
      let nextId = 0;
      const open = async <K extends Kind>(kind: K) => {
        const store = await KindStore.open(kind, {
          ...options,
          engine,
          takeIds: (count) => {
            const first = nextId;
            nextId += count;
            return first;
          },
          hooks: hooksFor(kind, engine, condition, options.log),
        });
        for (const { path, reason } of store.stats().damaged) {
          options.log.error(
            { path, reason },
            'a file of the store cannot be opened: its events are missing from every answer',
          );
        }
        return store;
      };
      const kinds = {
        log: await open('log'),
        metric: await open('metric'),
        security: await open('security'),
        heartbeat: await open('heartbeat'),
        span: await open('span'),
      };
      nextId = Math.max(options.clock.now() * 1000, ...KINDS.map((kind) => kinds[kind].lastId + 1));
      const records = new ServiceRecords();
      for (const record of await kinds.heartbeat.reader.newestHeartbeats()) records.put(record);
      return new EmbeddedStore(options, engine, documents, kinds, records, condition);
    } catch (cause) {
      await engine.close().catch(() => undefined);
      throw openError(options.dataDir, cause);
    }
  }

  async append<K extends Kind>(kind: K, events: readonly EventOf<K>[]): Promise<Appended<K>> {
    if (this.closing !== undefined)
      throw new LightwatchError('LW_SHUTTING_DOWN', 'the server is shutting down', { retryAfterS: 5 });
    try {
      const appended = await this.kindStore(kind).append(events);
      if (kind === 'heartbeat') this.records.add(appended.stored as unknown as Appended<'heartbeat'>['stored']);
      return appended;
    } catch (cause) {
      throw writeError(cause);
    }
  }

  page<K extends Kind>(query: PageQuery<K>, options?: ReadOptions): Promise<Page<K>> {
    return reading(() => this.kindStore(query.kind).reader.page(query, options), options);
  }

  get<K extends Kind>(kind: K, id: string): Promise<StoredEvent<K> | undefined> {
    return reading(() => this.kindStore(kind).reader.get(id));
  }

  since<K extends Kind>(kind: K, afterId: string, limit: number): Promise<readonly StoredEvent<K>[]> {
    return reading(() => this.kindStore(kind).reader.since(afterId, limit));
  }

  resumeAfter(id: string): string {
    return id;
  }

  aggregate(query: AggregateQuery, options?: ReadOptions): Promise<Aggregation> {
    return reading(() => this.kinds[query.kind].reader.aggregate(query, options), options);
  }

  facets(query: FacetQuery, options?: ReadOptions): Promise<Facets> {
    return reading(() => this.kinds[query.kind].reader.facets(query, options), options);
  }

  tally(query: TallyQuery, options?: ReadOptions): Promise<readonly TallyGroup[]> {
    return reading(() => this.kinds[query.kind].reader.tally(query, options), options);
  }

  async *scan<K extends Kind>(query: ScanQuery<K>, options?: ReadOptions): AsyncGenerator<readonly StoredEvent<K>[]> {
    try {
      yield* this.kindStore(query.kind).reader.scan(query, options);
    } catch (cause) {
      throw asReadError(cause, options);
    }
  }

  services(): Promise<readonly ServiceRecord[]> {
    return Promise.resolve(this.records.list());
  }

  async expire(kind: Kind, before: number): Promise<Expired> {
    try {
      const events = await this.kinds[kind].expire(before);
      if (kind === 'heartbeat') this.records.expire(before);
      return { events };
    } catch (cause) {
      throw writeError(cause);
    }
  }

  async remove(kind: Kind, id: string): Promise<boolean> {
    try {
      return await this.kinds[kind].remove(id);
    } catch (cause) {
      throw writeError(cause);
    }
  }

  async check(): Promise<void> {
    if (this.condition.failure !== undefined) throw this.condition.failure;
    await reading(() => this.engine.snapshot((read) => read('SELECT 1')));
  }

  stats(): StoreStats {
    const now = this.options.clock.now();
    if (now - this.measuredAt >= SIZE_EVERY_MS) {
      this.measuredAt = now;
      // What was known stays: that the folder cannot be read, `/ready` tells.
      void measureDisk(this.options.dataDir).then(
        (disk) => {
          this.disk = disk;
        },
        () => undefined,
      );
    }
    const figures = (Object.keys(this.kinds) as Kind[]).map((kind) => [kind, this.kinds[kind].stats()] as const);
    return {
      engine: 'embedded',
      events: Object.fromEntries(figures.map(([kind, { events }]) => [kind, events])) as Record<Kind, number>,
      bytes: this.disk?.bytes ?? 0,
      ...(this.disk !== undefined && { disk: this.disk }),
      pending: figures.reduce((sum, [, { pending }]) => sum + pending, 0),
      setAside: this.condition.setAside,
    };
  }

  /** Resolves when what was acknowledged is loaded, and what is kept about it to answer fast is made. */
  async settle(): Promise<void> {
    for (const kind of KINDS) await this.kinds[kind].settle();
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      for (const kind of KINDS) await this.kinds[kind].close();
      await this.engine.close();
    })();
    return this.closing;
  }

  private kindStore<K extends Kind>(kind: K): KindStore<K> {
    return this.kinds[kind] as unknown as KindStore<K>;
  }
}

async function reading<T>(ask: () => Promise<T>, options?: ReadOptions): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw asReadError(cause, options);
  }
}

/** Whoever has aborted a question gets his own reason back. */
function asReadError(cause: unknown, { signal }: ReadOptions = {}): unknown {
  return signal?.aborted ? signal.reason : readError(cause);
}

/** What `/ready` and `/stats` tell of the loading. */
interface Condition {
  setAside: number;
  failure: Error | undefined;
}

function hooksFor(kind: Kind, engine: Engine, condition: Condition, log: StoreLog) {
  return {
    failed(cause: unknown) {
      if (condition.failure === undefined)
        log.error({ kind, err: cause }, 'acknowledged events cannot be loaded from the journal: trying again');
      condition.failure = cause instanceof Error ? cause : new Error(String(cause));
      return engine.recover(cause);
    },
    loaded() {
      condition.failure = undefined;
    },
    setAside(path: string, events: number, cause: unknown) {
      condition.setAside += events;
      log.error({ kind, path, events, err: cause }, 'events that DuckDB refuses were set aside');
    },
  };
}
