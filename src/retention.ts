import type { BaseLogger } from 'pino';
import { KINDS } from '../schemas/event.ts';
import type { Config } from './config.ts';
import type { Clock } from './core/clock.ts';
import type { Expired, Store } from './store/store.ts';

/**
 * Deletes events that are older than their time, by whole days. Every replica may run it: what another has deleted is
 * gone. Incidents and deliveries are for the alert engine to delete.
 */
export class Retention {
  readonly #store: Store;
  readonly #config: Pick<Config, 'retentionMs'>;
  readonly #clock: Clock;
  readonly #log: Pick<BaseLogger, 'info' | 'error'>;
  #running: Promise<Expired> | undefined;
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

  /** One run, resolving to what it deleted; while one is under way, that one. Rejects when the store does. */
  sweep(): Promise<Expired> {
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
      if (swept.events > 0) this.#log.info(swept, 'deleted events that were past their retention');
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
    const keptForS = Object.fromEntries(
      Object.entries(this.#config.retentionMs).map(([what, ms]) => [what, Math.round(ms / 1000)]),
    );
    return { runs: this.#runs, failed: this.#failed, deletedEvents: this.#deleted, keptForS };
  }

  async #sweep(): Promise<Expired> {
    const now = this.#clock.now();
    let events = 0;
    for (const kind of KINDS) {
      if (this.#stopped) break;
      events += (await this.#store.expire(kind, now - this.#config.retentionMs[kind])).events;
    }
    this.#runs += 1;
    this.#deleted += events;
    return { events };
  }
}
