import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { StoreLog } from './embedded/embedded-store.ts';
import type { Store } from './store.ts';

interface StoreSettings
  extends Pick<Config, 'dataDir' | 'dedupWindowMs' | 'mongoUri' | 'mongoPoolSize' | 'mongoTimeoutMs'> {
  /** Undefined leaves it as it is. */
  readonly retentionMs: Config['retentionMs'] | undefined;
}

/**
 * Opens the store that the settings ask for. Only that one's code is loaded: who has MongoDB needs no DuckDB.
 * @throws LW_STORE_UNAVAILABLE with a message for the operator
 */
export async function openStore(config: StoreSettings, clock: Clock, log: StoreLog): Promise<Store> {
  const { dataDir, dedupWindowMs, mongoUri, mongoPoolSize: poolSize, mongoTimeoutMs: timeoutMs, retentionMs } = config;
  if (mongoUri === undefined) {
    const { EmbeddedStore } = await import('./embedded/embedded-store.ts');
    return EmbeddedStore.open({ dataDir, dedupWindowMs, clock, log });
  }
  const { MongoStore } = await import('./mongo/mongo-store.ts');
  return MongoStore.open({ uri: mongoUri, poolSize, timeoutMs, retentionMs, clock, log });
}
