import type { Collection } from 'mongodb';
import type { Health } from '../../../schemas/heartbeat.ts';
import type { StoredBatch } from '../../core/event.ts';
import type { ServiceRecord } from '../store.ts';
import { questionOptions, type Within } from './deadline.ts';
import { refusedAsDuplicates } from './store-error.ts';

/** The newest heartbeat of a service on a host. The server forgets it when heartbeats are. */
export interface ServiceDocument {
  /** Service and host as JSON: no two of them are the same text. */
  readonly _id: string;
  readonly service: string;
  readonly host: string | null;
  readonly status: Health;
  readonly version: string | null;
  readonly last_seen: Date;
  /** The heartbeat's id: of two replicas, the one that took the newer heartbeat is right. */
  readonly heartbeat: string;
}

/** Services and hosts that are answered at most, the newest ones. */
const MAX_SERVICES = 10_000;

/**
 * Who sent a heartbeat, newest first to be kept. What could not be written down yet (the database was away for a moment)
 * is kept here and written with the next.
 */
export class ServiceRecords {
  readonly #collection: Collection<ServiceDocument>;
  readonly #within: Within;
  #unwritten = new Map<string, ServiceDocument>();

  constructor(collection: Collection<ServiceDocument>, within: Within) {
    this.#collection = collection;
    this.#within = within;
  }

  /** Notes stored heartbeats; `write` makes them known. */
  add({ events, receivedAt, id }: StoredBatch<'heartbeat'>): void {
    for (const [index, { service, host = null, status, version = null }] of events.entries()) {
      const _id = JSON.stringify([service, host]);
      const heartbeat = id(index);
      this.#unwritten.delete(_id);
      this.#unwritten.set(_id, { _id, service, host, status, version, last_seen: new Date(receivedAt), heartbeat });
      if (this.#unwritten.size > MAX_SERVICES) this.#unwritten.delete(this.#unwritten.keys().next().value ?? '');
    }
  }

  /** Writes down what was noted. Rejects when it cannot, and forgets nothing. */
  async write(): Promise<void> {
    const records = this.#unwritten;
    if (records.size === 0) return;
    this.#unwritten = new Map();
    try {
      await this.#upsert([...records.values()]);
    } catch (cause) {
      // What came meanwhile is newer.
      this.#unwritten = new Map([...records, ...this.#unwritten]);
      throw cause;
    }
  }

  async list(): Promise<readonly ServiceRecord[]> {
    await this.write();
    const found = await this.#collection
      .find({}, questionOptions())
      .sort({ last_seen: -1 })
      .limit(MAX_SERVICES)
      .toArray();
    return found.map(({ service, host, status, version, last_seen }) => ({
      service,
      host,
      status,
      version,
      lastSeen: last_seen.getTime(),
    }));
  }

  /** Forgets those whose heartbeats are no longer kept. */
  async expire(before: number): Promise<void> {
    await this.#collection.deleteMany({ last_seen: { $lt: new Date(before) } }, this.#within());
  }

  async #upsert(records: readonly ServiceDocument[]): Promise<void> {
    const operations = records.map((record) => ({
      replaceOne: {
        filter: { _id: record._id, heartbeat: { $lt: record.heartbeat } },
        replacement: record,
        upsert: true,
      },
    }));
    try {
      await this.#collection.bulkWrite(operations, { ordered: false, ...this.#within() });
    } catch (cause) {
      // Where a newer heartbeat is written down already, the older one would be a second document.
      if (refusedAsDuplicates(cause, operations.length) === undefined) throw cause;
    }
  }
}
