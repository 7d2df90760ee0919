import { randomUUID } from 'node:crypto';
import type { BaseLogger } from 'pino';
import type { Clock } from '../core/clock.ts';
import { type Leadership, SOLE_LEADERSHIP } from '../core/leadership.ts';
import type { Store } from '../store/store.ts';
import { LeaseLeadership, type Lock } from './lease-leadership.ts';
import { StoreLease } from './store-lease.ts';

interface LeadershipOptions {
  readonly store: Pick<Store, 'documents' | 'isShared'>;
  readonly clock: Clock;
  readonly log: Pick<BaseLogger, 'info' | 'warn'>;
  /** What is led: the name of the lease. */
  readonly name: string;
  readonly leaseMs: number;
  /** Whether this replica would lead at all. */
  readonly stands: boolean;
  /** The lock of this holder outside the store, if there is one. */
  readonly lock?: ((holder: string) => Lock) | undefined;
}

interface OpenLeadership extends Leadership {
  /** Steps down. */
  stop(): Promise<void>;
}

/** Begins to try for the lead; where nobody else can have the store, this replica has it already. */
export function openLeadership({ store, clock, log, name, leaseMs, stands, lock }: LeadershipOptions): OpenLeadership {
  if (!store.isShared) return { ...SOLE_LEADERSHIP, stop: async () => {} };
  const holder = randomUUID();
  const lease = new StoreLease({ documents: store.documents, clock, name, holder, leaseMs });
  const leadership = new LeaseLeadership({ lease, lock: lock?.(holder), leaseMs, clock, log });
  if (stands) leadership.start();
  return leadership;
}
