import type { Collection, DocumentOf } from '../../schemas/documents.ts';
import type { Kind } from '../../schemas/event.ts';
import type { Health } from '../../schemas/heartbeat.ts';
import type { DiskUse } from '../core/disk-forecast.ts';
import type { EventOf, StoredBatch, StoredEvent } from '../core/event.ts';
import type { Field, Filter } from '../core/filter.ts';

/**
 * Where events and documents live. Every adapter passes `test/fixtures/store-contract.ts`.
 *
 * Every method rejects with a coded error (`errors.ts`): `LW_STORE_UNAVAILABLE` when the store cannot be reached or
 * cannot read, `LW_DISK_FULL` when there is no room to write, `LW_QUERY_TIMEOUT` when a question took too long. A question
 * whose `signal` is aborted rejects with the signal's reason, and the work for it ends.
 *
 * Every question sees everything that was acknowledged before it was asked.
 */
export interface Store {
  /**
   * Stores events of one kind. Resolves when they would survive a power cut, rejects when none of them is stored.
   * An event whose `event_id` was stored within the last `DEDUP_WINDOW` is a repeat: it is not stored again and `id`
   * answers the id of the first. Calls may overlap; ids grow in the order of the calls.
   */
  append<K extends Kind>(kind: K, events: readonly EventOf<K>[]): Promise<Appended<K>>;

  /** One page, newest first unless asked otherwise. */
  page<K extends Kind>(query: PageQuery<K>, options?: ReadOptions): Promise<Page<K>>;

  /** One event by its id (or the `event_id` its sender gave it). */
  get<K extends Kind>(kind: K, id: string): Promise<StoredEvent<K> | undefined>;

  /** Events with an id after `afterId`, in the order of their ids (of arrival): what a reader that was away has missed. */
  since<K extends Kind>(kind: K, afterId: string, limit: number): Promise<readonly StoredEvent<K>[]>;

  /**
   * An id after which `since` finds all that may be stored once the event `id` was seen: `id` itself where events are
   * stored in the order of their ids, an earlier one where several processes store and another's may come behind it.
   */
  resumeAfter(id: string): string;

  /** Counts and statistics of matching events, by group and by step of time. Groups without events are left out. */
  aggregate(query: AggregateQuery, options?: ReadOptions): Promise<Aggregation>;

  /** The most frequent values of some fields among matching events, in one pass over them. */
  facets(query: FacetQuery, options?: ReadOptions): Promise<Facets>;

  /**
   * How many events match each of many filters, by group, in one pass over what they have in common: what a thousand
   * alert rules ask. Groups in which no filter has a match are left out.
   */
  tally(query: TallyQuery, options?: ReadOptions): Promise<readonly TallyGroup[]>;

  /**
   * Every matching event in order, in batches of some thousand; none is empty. It needs the memory of a few batches however
   * many there are, reads on only as they are taken, and can be gone on with after any event. What arrives meanwhile may
   * be among them or not; what was there is, each once.
   */
  scan<K extends Kind>(query: ScanQuery<K>, options?: ReadOptions): AsyncIterable<readonly StoredEvent<K>[]>;

  /** Every service that ever sent a heartbeat which is still kept, with its newest. */
  services(): Promise<readonly ServiceRecord[]>;

  /** Deletes whole days of events that all arrived before `before` (milliseconds since the epoch). */
  expire(kind: Kind, before: number): Promise<Expired>;

  /**
   * Deletes one event by its id (or the `event_id` its sender gave it); resolves to whether there was one. No question that
   * is asked afterwards finds or counts it. Its `event_id` stays known for `DEDUP_WINDOW`.
   */
  remove(kind: Kind, id: string): Promise<boolean>;

  readonly documents: Documents;

  /** Whether other processes may be using the same data. */
  readonly isShared: boolean;

  /** Resolves when the store can answer; rejects with the reason it cannot. For `/ready`. */
  check(): Promise<void>;

  /** Figures for `/stats`. */
  stats(): StoreStats;

  /** Finishes what was begun, then lets go of everything. May be called twice. */
  close(): Promise<void>;
}

export interface Appended<K extends Kind> {
  /** What was newly stored, repeats left out. */
  readonly stored: StoredBatch<K>;
  /** The id under which `events[index]` of the call is stored. */
  id(index: number): string;
}

export interface ReadOptions {
  /** Ends the question early: nobody waits for its answer any more. */
  readonly signal?: AbortSignal;
}

/** A place between two events: a page continues after it. */
export interface Cursor {
  readonly timestamp: number;
  readonly id: string;
}

export interface PageQuery<K extends Kind = Kind> {
  readonly kind: K;
  readonly where: Filter;
  /** By timestamp, then by id. */
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  /** Events to skip; with `after` it is 0. */
  readonly offset: number;
  readonly after?: Cursor;
  /** Whether to count all matching events too. */
  readonly total: boolean;
}

export interface Page<K extends Kind = Kind> {
  readonly events: readonly StoredEvent<K>[];
  readonly total?: number;
  /** Where the next page starts; absent when this is the last. */
  readonly next?: Cursor;
}

export interface ScanQuery<K extends Kind = Kind> {
  readonly kind: K;
  readonly where: Filter;
  /** By timestamp, then by id. */
  readonly order: 'asc' | 'desc';
  readonly after?: Cursor;
  /** Events at most; all if absent. */
  readonly limit?: number;
}

/**
 * `newest` is the time of the newest event, in milliseconds since the epoch. `last` is the newest value by timestamp: it
 * and all that follow are of a metric's `value` or a span's `duration_ms`.
 *
 * `rate` is of metrics: the increase per second of counters. Within a series (service, host, name and tags) each value
 * counts with what it is above the one before it, or whole if it is smaller, because the counter then began anew; that
 * goes to the group and the step of the later value, and is divided by the length of the step (without steps, by the time
 * from the group's first event to its last). It is absent where no value has one before it.
 */
export type AggregateFn = 'count' | 'newest' | 'last' | 'avg' | 'min' | 'max' | 'sum' | 'rate' | Percentile;
export type Percentile = 'p50' | 'p90' | 'p95' | 'p99';

export interface AggregateQuery {
  readonly kind: Kind;
  readonly where: Filter;
  readonly functions: readonly AggregateFn[];
  /** One group for each combination of these fields' values; none: one group of everything. */
  readonly groupBy: readonly Field[];
  /** Width of a step in milliseconds, aligned to the epoch; absent: one point over everything. */
  readonly stepMs?: number;
  /** Whether percentiles may come from sketches. */
  readonly approximate?: boolean;
}

export interface Aggregation {
  readonly groups: readonly AggregateGroup[];
  /** False when percentiles came from sketches: each is then within the sketch's stated error. */
  readonly exact: boolean;
}

export interface AggregateGroup {
  /** The value of each `groupBy` field; null where the events have none. */
  readonly group: Readonly<Partial<Record<Field, string | null>>>;
  /** Ascending in time; steps without events are left out. `time` is a step's start, 0 without steps. */
  readonly points: readonly AggregatePoint[];
}

export interface AggregatePoint {
  readonly time: number;
  readonly values: Readonly<Partial<Record<AggregateFn, number>>>;
}

export interface FacetQuery {
  readonly kind: Kind;
  readonly where: Filter;
  readonly fields: readonly Field[];
  /** Values of each field at most. */
  readonly limit: number;
}

export interface Facets {
  /** How many events match. */
  readonly total: number;
  /** The most frequent first, equally frequent ones by their code points. Events without the field are not counted in it. */
  readonly values: Readonly<Partial<Record<Field, readonly FacetValue[]>>>;
  readonly exact: boolean;
}

export interface FacetValue {
  readonly value: string;
  readonly count: number;
}

export interface TallyQuery {
  readonly kind: Kind;
  /** What all have in common. */
  readonly where: Filter;
  readonly filters: readonly Filter[];
  /** One group for each combination of these fields' values; none: one group of everything. */
  readonly groupBy: readonly Field[];
}

export interface TallyGroup {
  /** The value of each `groupBy` field; null where the events have none. */
  readonly group: Readonly<Partial<Record<Field, string | null>>>;
  /** How many events of the group match each filter, in their order. */
  readonly counts: readonly number[];
}

/** The newest heartbeat of one service on one host. Times in milliseconds since the epoch. */
export interface ServiceRecord {
  readonly service: string;
  readonly host: string | null;
  readonly status: Health;
  readonly version: string | null;
  /** When it arrived: the sender's clock may be wrong. */
  readonly lastSeen: number;
}

export interface Expired {
  readonly events: number;
}

export interface StoreStats {
  readonly engine: string;
  readonly events: Readonly<Record<Kind, number>>;
  readonly bytes: number;
  /** Acknowledged events that are not yet in the engine's own files. */
  readonly pending: number;
  /** Events that the engine refused and that were set aside. */
  readonly setAside: number;
  /** Of a store on a disk of this machine, once it was measured. */
  readonly disk?: DiskUse;
}

/**
 * Small things with an id: rules, incidents, deliveries, later keys and users. A document is a JSON object with an `id`;
 * its version counts its updates and is how two writers notice each other.
 */
export interface Documents {
  get<C extends Collection>(collection: C, id: string): Promise<Versioned<DocumentOf<C>> | undefined>;
  /** In the order of insertion, or newest first. `where` compares top-level fields for equality, all of them. */
  list<C extends Collection>(collection: C, query?: DocumentQuery<DocumentOf<C>>): Promise<DocumentPage<DocumentOf<C>>>;
  /** Resolves to false, and changes nothing, when the id is taken. Durable when it resolves. */
  insert<C extends Collection>(collection: C, document: DocumentOf<C>): Promise<boolean>;
  /** Replaces the document if it is still at `version`; resolves to false, and changes nothing, when it is not. */
  update<C extends Collection>(collection: C, document: DocumentOf<C>, version: number): Promise<boolean>;
  /** Resolves to whether there was one. */
  delete(collection: Collection, id: string): Promise<boolean>;
  /**
   * The same documents for one who leads with the fencing number `fence`. Each document it inserts or updates is marked
   * with it; one that bears a higher number it can neither update nor delete: that resolves to false. So a leader that
   * slept changes nothing its successor has touched. Whoever writes without a fence is neither marked nor held back.
   */
  fenced(fence: number): Documents;
}

export interface Versioned<D> {
  readonly document: D;
  readonly version: number;
}

export interface DocumentQuery<D> {
  readonly where?: Partial<D>;
  readonly order?: 'asc' | 'desc';
  readonly limit?: number;
  readonly offset?: number;
}

export interface DocumentPage<D> {
  readonly items: readonly Versioned<D>[];
  readonly total: number;
}
