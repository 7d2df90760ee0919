import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import { type StoreOptions, storeContract } from '../../fixtures/store-contract.ts';

const silent = { warn: () => undefined, error: () => undefined };

storeContract('embedded store', async (options: StoreOptions) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'lightwatch-store-'));
  let store = await EmbeddedStore.open({ ...options, dataDir, log: silent });
  return {
    store,
    async reopen() {
      store = await EmbeddedStore.open({ ...options, dataDir, log: silent });
      return store;
    },
    async dispose() {
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
});
