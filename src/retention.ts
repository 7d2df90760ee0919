import type { BaseLogger } from 'pino';
import { KINDS } from '../schemas/event.ts';
import type { Incident } from '../schemas/incident.ts';
import type { Config } from './config.ts';
import type { Clock } from './core/clock.ts';
import { parseTimestamp } from './core/timestamp.ts';
import type { Store, Versioned } from './store/store.ts';

/** Documents looked at in one go. */
const PAGE = 200;

/** What one run deleted. */
export interface Swept {
  readonly events: number;
  readonly incidents: number;
  readonly deliveries: number;
}

/**
 * Deletes what is older than its time: events by whole days, resolved incidents with their deliveries. Every replica
 * may run it: what another has deleted is gone, and nothing is deleted that a rule still needs.
 */
export class Retention {
  readonly #store: Store;
  readonly #config: Pick<Config, 'retentionMs'>;
  readonly #clock: Clock;
  readonly #log: Pick<BaseLogger, 'info' | 'error'>;
  #running: Promise<Swept> | undefined;
  #stopped = false;
  #runs = 0;
  #failed = 0;
  #deleted = 0;

  constructor(
    store: Store,
    config: Pick<Config, 'retentionMs'>,
    clock: Clock,
    log: Pick<BaseLogger, 'info' | 'error'>,
  ) {
    this.#store = store;
    this.#config = config;
    this.#clock = clock;
    this.#log = log;
  }

  /** One run; while one is under way, that one. Rejects when the store does. */
  sweep(): Promise<Swept> {
    this.#running ??= this.#sweep().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** One run whose failure is logged: the next one comes in an hour. */
  async sweepAndLog(): Promise<void> {
    if (this.#stopped) return;
    try {
      const swept = await this.sweep();
      if (Object.values(swept).some((count) => count > 0)) this.#log.info(swept, 'deleted what was past its retention');
    } catch (err) {
      this.#failed += 1;
      this.#log.error({ err }, 'retention failed; it is tried again in an hour');
    }
  }

  /** Begins nothing new and waits for a run that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running?.catch(() => undefined);
  }

  stats() {
    return { runs: this.#runs, failed: this.#failed, deletedEvents: this.#deleted };
  }

  async #sweep(): Promise<Swept> {
    const now = this.#clock.now();
    let events = 0;
    for (const kind of KINDS) {
      if (this.#stopped) break;
      events += (await this.#store.expire(kind, now - this.#config.retentionMs[kind])).events;
    }
    const documents = await this.#sweepIncidents(now - this.#config.retentionMs.incident);
    this.#runs += 1;
    this.#deleted += events;
    return { events, ...documents };
  }

  /** Incidents are kept in the order in which they were triggered, so none after the first young one can be due. */
  async #sweepIncidents(before: number): Promise<{ incidents: number; deliveries: number }> {
    let incidents = 0;
    let deliveries = 0;
    for (let kept = 0; !this.#stopped; ) {
      const query = { where: { status: 'resolved' }, order: 'asc', limit: PAGE, offset: kept } as const;
      const { items } = await this.#store.documents.list('incidents', query);
      for (const { document } of items) {
        if (!isDue(document, before)) {
          kept += 1;
          continue;
        }
        deliveries += await this.#deleteDeliveries(document.id);
        if (await this.#store.documents.delete('incidents', document.id)) incidents += 1;
      }
      if (items.length < PAGE || isYoung(items.at(-1), before)) break;
    }
    return { incidents, deliveries };
  }

  async #deleteDeliveries(incidentId: string): Promise<number> {
    let deleted = 0;
    for (;;) {
      const where = { incident_id: incidentId };
      const { items } = await this.#store.documents.list('deliveries', { where, limit: PAGE });
      for (const { document } of items) if (await this.#store.documents.delete('deliveries', document.id)) deleted += 1;
      if (items.length < PAGE) return deleted;
    }
  }
}

function isDue({ resolvedAt }: Incident, before: number): boolean {
  return resolvedAt !== null && parseTimestamp(resolvedAt) < before;
}

function isYoung(item: Versioned<Incident> | undefined, before: number): boolean {
  return item === undefined || parseTimestamp(item.document.triggeredAt) >= before;
}
