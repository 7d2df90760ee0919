import type { StoredBatch } from '../../core/event.ts';
import type { ServiceRecord } from '../store.ts';

/** Services and hosts that are remembered at most; past it the one that was silent longest is forgotten. */
export const MAX_SERVICES = 10_000;

/** The newest heartbeat of every service and host, as heartbeats arrive. */
export class ServiceRecords {
  /** In the order of arrival. */
  private readonly records = new Map<string, ServiceRecord>();
  /** Goes through the map once: what lies behind it is gone, so that nobody has to search for the oldest from the start. */
  private readonly byAge = this.records.keys();

  list(): readonly ServiceRecord[] {
    return [...this.records.values()];
  }

  add({ events, receivedAt }: StoredBatch<'heartbeat'>): void {
    for (const { service, host = null, status, version = null } of events)
      this.put({ service, host, status, version, lastSeen: receivedAt });
  }

  put(record: ServiceRecord): void {
    const key = JSON.stringify([record.service, record.host]);
    this.records.delete(key);
    this.records.set(key, record);
    if (this.records.size > MAX_SERVICES) this.records.delete(this.byAge.next().value ?? '');
  }

  /** Forgets those whose heartbeats are no longer kept. */
  expire(before: number): void {
    for (const [key, { lastSeen }] of this.records) if (lastSeen < before) this.records.delete(key);
  }
}
