import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { EmbeddedStore, type StoreLog } from './embedded/embedded-store.ts';
import type { Store } from './store.ts';

/**
 * Opens the store that the settings ask for.
 * @throws LW_STORE_UNAVAILABLE with a message for the operator
 */
export function openStore(config: Config, clock: Clock, log: StoreLog): Promise<Store> {
  return EmbeddedStore.open({ dataDir: config.dataDir, dedupWindowMs: config.dedupWindowMs, clock, log });
}
