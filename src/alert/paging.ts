import { LIMITS } from '../../schemas/limits.ts';
import { DEFAULT_PAGE, PAGE_PARAMETERS } from '../../schemas/query.ts';
import type { DocumentPage } from '../store/store.ts';

/** `page` and `limit` of a list of documents. */
export const LIST_PAGE = { page: PAGE_PARAMETERS.page, limit: PAGE_PARAMETERS.limit };

export interface Paging {
  readonly page: number;
  readonly limit: number;
  readonly offset: number;
}

export function readPaging(query: { readonly page?: string; readonly limit?: string }): Paging {
  const page = Number(query.page ?? 1);
  const limit = Math.min(Number(query.limit ?? DEFAULT_PAGE), LIMITS.page);
  return { page, limit, offset: (page - 1) * limit };
}

/** The envelope of a page of documents, each shown as `show` says. */
export function envelope<D, T>({ items, total }: DocumentPage<D>, { page, limit }: Paging, show: (document: D) => T) {
  return { data: items.map(({ document }) => show(document)), total, page, limit };
}
