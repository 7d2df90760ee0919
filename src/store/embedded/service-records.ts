import type { StoredBatch } from '../../core/event.ts';
import type { ServiceRecord } from '../store.ts';

/** Services and hosts that are remembered at most; past it the one that was silent longest is forgotten. */
const MAX_SERVICES = 10_000;

/** The newest heartbeat of every service and host, as heartbeats arrive. */
export class ServiceRecords {
  private readonly records = new Map<string, ServiceRecord>();

  list(): readonly ServiceRecord[] {
    return [...this.records.values()];
  }

  add({ events, receivedAt }: StoredBatch<'heartbeat'>): void {
    for (const { service, host = null, status, version = null } of events)
      this.put({ service, host, status, version, lastSeen: receivedAt });
  }

  put(record: ServiceRecord): void {
    const key = JSON.stringify([record.service, record.host]);
    // To the end of the map: its order is that of arrival.
    this.records.delete(key);
    this.records.set(key, record);
    const [oldest] = this.records.keys();
    if (this.records.size > MAX_SERVICES && oldest !== undefined) this.records.delete(oldest);
  }

  /** Forgets those whose heartbeats are no longer kept. */
  expire(before: number): void {
    for (const [key, { lastSeen }] of this.records) if (lastSeen < before) this.records.delete(key);
  }
}
