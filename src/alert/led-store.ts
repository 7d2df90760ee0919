import type { Leadership } from '../core/leadership.ts';
import type { Documents, Store } from '../store/store.ts';

/**
 * Documents as the engine may write them: only while this replica leads, and fenced, so that a write which was on its way
 * when it ceased to lead changes nothing that its successor has touched. Otherwise writes reject.
 */
export function ledDocuments(documents: Documents, leadership: Leadership): Documents {
  const led = () => {
    if (!leadership.leader) throw new Error('this replica leads no longer');
    return documents.fenced(leadership.fence);
  };
  return {
    get: (collection, id) => documents.get(collection, id),
    list: (collection, query) => documents.list(collection, query),
    insert: async (collection, document) => led().insert(collection, document),
    update: async (collection, document, version) => led().update(collection, document, version),
    delete: async (collection, id) => led().delete(collection, id),
    fenced: (fence) => documents.fenced(fence),
  };
}

/** The same store with other documents. */
export function storeWith(store: Store, documents: Documents): Store {
  return new Proxy(store, {
    get(target, key) {
      if (key === 'documents') return documents;
      const part: unknown = Reflect.get(target, key, target);
      return typeof part === 'function' ? part.bind(target) : part;
    },
  });
}
