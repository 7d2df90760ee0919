import type { Part } from '../http/parameters.ts';
import type { DocumentPage } from '../store/store.ts';

/** The envelope of a page of documents, each shown as `show` says. */
export function envelope<D, T>({ items, total }: DocumentPage<D>, { page, limit }: Part, show: (document: D) => T) {
  return { data: items.map(({ document }) => show(document)), total, page, limit };
}
