import { isDeepStrictEqual } from 'node:util';
import { COLLECTIONS, type Collection, type DocumentOf } from '../../schemas/documents.ts';
import type { Store, Versioned } from '../store/store.ts';

/** Documents that are read at once. */
const PAGE = 500;

/** What belongs to a store and its processes, and means nothing in another. */
const STAYS: readonly Collection[] = ['leases', 'copies'];

/** The collections that are copied. */
export const COPIED_COLLECTIONS: readonly Collection[] = COLLECTIONS.filter((name) => !STAYS.includes(name));

/** Copies a collection in its order; a document that is there becomes what it is in the source. Resolves to how many there are. */
export async function copyDocuments<C extends Collection>(collection: C, from: Store, to: Store): Promise<number> {
  for (let offset = 0; ; ) {
    const { items, total } = await from.documents.list(collection, { limit: PAGE, offset });
    for (const { document } of items) await put(collection, document, to);
    offset += items.length;
    if (items.length === 0) return total;
  }
}

async function put<C extends Collection>(collection: C, document: DocumentOf<C>, to: Store): Promise<void> {
  let there: Versioned<DocumentOf<C>> | undefined;
  do {
    if (await to.documents.insert(collection, document)) return;
    there = await to.documents.get(collection, document.id);
    if (isDeepStrictEqual(there?.document, document)) return;
  } while (there === undefined || !(await to.documents.update(collection, document, there.version)));
}
