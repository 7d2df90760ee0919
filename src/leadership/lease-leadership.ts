import type { BaseLogger } from 'pino';
import type { Clock, Timer } from '../core/clock.ts';
import type { Leadership } from '../core/leadership.ts';
import type { StoreLease } from './store-lease.ts';

/** A lease is renewed three times before it lapses: one answer may be lost. */
const RENEWALS_PER_LEASE = 3;

/** Something only one of several can have, for a while. */
export interface Lock {
  /** Takes or renews it. Resolves to `unknown` when nobody can say whose it is. */
  claim(): Promise<'held' | 'taken' | 'unknown'>;
  release(): Promise<void>;
}

interface LeaseLeadershipParts {
  readonly lease: StoreLease;
  /**
   * What is to be had before the lease. It keeps the others from the store; that there is one leader rests with the
   * lease alone, and so it goes on while the lock is away or was lost.
   */
  readonly lock?: Lock | undefined;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly log: Pick<BaseLogger, 'info' | 'warn'>;
}

/** Leads while it holds a lease. What it holds ends by its own clocks, before anyone else could take it. */
export class LeaseLeadership implements Leadership {
  readonly #parts: LeaseLeadershipParts;
  readonly #listeners: ((leader: boolean) => void)[] = [];
  #fence = 0;
  /** Until when the lease holds, by both clocks: the monotonic one may stand still while a machine sleeps. */
  #until: { readonly monotonic: number; readonly now: number } | undefined;
  #told = false;
  #failing = false;
  #beat: Timer | undefined;
  #end: Timer | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(parts: LeaseLeadershipParts) {
    this.#parts = parts;
  }

  get leader(): boolean {
    const { clock } = this.#parts;
    return this.#until !== undefined && clock.monotonic() < this.#until.monotonic && clock.now() < this.#until.now;
  }

  get fence(): number {
    return this.#fence;
  }

  onChange(listener: (leader: boolean) => void): void {
    this.#listeners.push(listener);
  }

  /** Begins to try for the lease. */
  start(): void {
    this.#running = this.#once().finally(() => {
      this.#running = undefined;
      if (this.#stopped) return;
      this.#beat = this.#parts.clock.after(this.#parts.leaseMs / RENEWALS_PER_LEASE, () => this.start());
    });
  }

  /** Steps down and gives the lease back. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#beat?.cancel();
    await this.#running;
    const led = this.#until !== undefined;
    this.#stepDown();
    if (!led) return;
    await this.#giveBack().catch((error: unknown) =>
      this.#parts.log.warn({ err: error }, 'the lease of the leader could not be given back: it will lapse'),
    );
  }

  async #once(): Promise<void> {
    const { clock, leaseMs, log } = this.#parts;
    // Before the question: until when it holds must not depend on how long the answer took.
    const [monotonic, now] = [clock.monotonic(), clock.now()];
    try {
      const fence = await this.#claim();
      this.#failing = false;
      if (fence === undefined || this.#stopped) this.#stepDown();
      else this.#lead(fence, { monotonic: monotonic + leaseMs, now: now + leaseMs });
    } catch (error) {
      if (!this.#failing) log.warn({ err: error }, 'nobody can say who leads: trying again');
      this.#failing = true;
      this.#tell();
    }
  }

  async #claim(): Promise<number | undefined> {
    const { lease, lock } = this.#parts;
    if ((await lock?.claim()) === 'taken') {
      if (this.#until !== undefined) await lease.release();
      else await lease.watch();
      return undefined;
    }
    const fence = await lease.claim();
    // Whoever holds the lease is to have the lock too.
    if (fence === undefined) await lock?.release();
    return fence;
  }

  async #giveBack(): Promise<void> {
    await this.#parts.lease.release();
    await this.#parts.lock?.release();
  }

  #lead(fence: number, until: { readonly monotonic: number; readonly now: number }): void {
    const { clock } = this.#parts;
    this.#fence = fence;
    this.#until = until;
    this.#end?.cancel();
    this.#end = clock.after(Math.max(0, until.monotonic - clock.monotonic()), () => this.#tell());
    this.#tell();
  }

  #stepDown(): void {
    this.#end?.cancel();
    this.#until = undefined;
    this.#tell();
  }

  #tell(): void {
    const { leader } = this;
    if (leader === this.#told) return;
    this.#told = leader;
    this.#parts.log.info(
      { fence: this.#fence },
      leader ? 'this replica leads the alerts' : 'this replica leads no longer',
    );
    for (const listener of this.#listeners) listener(leader);
  }
}
