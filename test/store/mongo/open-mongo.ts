import { KINDS } from '../../../schemas/event.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { MongoStore, type MongoStoreOptions } from '../../../src/store/mongo/mongo-store.ts';
import type { Retention } from '../../../src/store/mongo/prepare.ts';

const silent = { warn: () => undefined, error: () => undefined };

/** A test's clock may stand in the past: by the server's own, its events must not be due. */
export const FOREVER = Object.fromEntries(KINDS.map((kind) => [kind, 3650 * 86_400_000])) as Retention;

/** A store as the settings' defaults would have it, but that it keeps everything. */
export function openMongo(uri: string, options: Partial<MongoStoreOptions> = {}): Promise<MongoStore> {
  return MongoStore.open({
    uri,
    poolSize: 10,
    timeoutMs: 5000,
    retentionMs: FOREVER,
    clock: systemClock,
    log: silent,
    ...options,
  });
}
