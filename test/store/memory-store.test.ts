import { memoryStore } from '../fixtures/memory-store.ts';
import { storeContract } from '../fixtures/store-contract.ts';

storeContract('memory store', async (options) => {
  const store = memoryStore(options);
  return { store, dispose: () => store.close() };
});
