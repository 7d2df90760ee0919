import type { Lease } from '../../schemas/lease.ts';
import type { Clock } from '../core/clock.ts';
import type { Documents, Versioned } from '../store/store.ts';

interface StoreLeaseParts {
  readonly documents: Documents;
  readonly clock: Clock;
  readonly name: string;
  /** What tells this replica from others, and from its earlier lives. */
  readonly holder: string;
  readonly leaseMs: number;
}

/**
 * A lease as a document that its holder renews. Clocks of replicas differ, so that none reads a time from it: whoever has
 * watched it for as long as it holds, by the own monotonic clock, and has not seen it renewed, may take it.
 */
export class StoreLease {
  readonly #parts: StoreLeaseParts;
  /** The version that was there, and since when it has been seen. */
  #seen: { readonly version: number; readonly since: number } | undefined;

  constructor(parts: StoreLeaseParts) {
    this.#parts = parts;
  }

  /** Renews the lease, or takes it when it is free. Resolves to its fencing number, or undefined when another holds it. */
  async claim(): Promise<number | undefined> {
    const { documents, clock, name, holder } = this.#parts;
    const at = clock.monotonic();
    const kept = await documents.get('leases', name);
    if (kept === undefined) return (await documents.insert('leases', this.#ownLease(1))) ? 1 : undefined;
    const { holder: current, fence } = kept.document;
    if (current === holder) return this.#write(kept, this.#ownLease(fence));
    if (current === null || this.#hasLapsed(kept, at)) return this.#write(kept, this.#ownLease(fence + 1));
    return undefined;
  }

  /** Looks at the lease without taking it, so that no time is lost should it lapse. */
  async watch(): Promise<void> {
    const { documents, clock, name } = this.#parts;
    const at = clock.monotonic();
    const kept = await documents.get('leases', name);
    if (kept !== undefined) this.#hasLapsed(kept, at);
  }

  /** Gives it back, so that another need not wait. */
  async release(): Promise<void> {
    const { documents, name, holder } = this.#parts;
    const kept = await documents.get('leases', name);
    if (kept?.document.holder === holder) await this.#write(kept, { ...kept.document, holder: null });
  }

  #hasLapsed({ version, document }: Versioned<Lease>, at: number): boolean {
    if (this.#seen?.version !== version) this.#seen = { version, since: at };
    return at - this.#seen.since >= Math.max(this.#parts.leaseMs, document.lease_ms);
  }

  #ownLease(fence: number): Lease {
    const { name, holder, leaseMs } = this.#parts;
    return { id: name, holder, fence, lease_ms: leaseMs };
  }

  async #write(kept: Versioned<Lease>, lease: Lease): Promise<number | undefined> {
    return (await this.#parts.documents.update('leases', lease, kept.version)) ? lease.fence : undefined;
  }
}
