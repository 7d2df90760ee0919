import type { Kind } from '../../schemas/event.ts';
import { LIMITS } from '../../schemas/limits.ts';
import { DEFAULT_PAGE } from '../../schemas/query.ts';
import { decodeCursor } from '../core/cursor.ts';
import { eventFilter } from '../core/event-filter.ts';
import type { Filter } from '../core/filter.ts';
import { FilterError } from '../core/filter-error.ts';
import { invalidParameter } from '../errors.ts';
import type { PageQuery } from '../store/store.ts';

/** A query string after its schema: every value is a string. */
export type Parameters = Readonly<Record<string, string | undefined>>;

/** @throws LW_INVALID_PARAMETER naming the parameter, for what the schemas cannot see */
export function readFilter(kind: Kind, params: Parameters, now: number): Filter {
  return named(() => eventFilter(kind, params, now));
}

/** Turns what the core says of a parameter into what a client is told. */
export function named<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FilterError) throw invalidParameter(error.field, error.message);
    throw error;
  }
}

export interface Part {
  readonly page: number;
  readonly limit: number;
  readonly offset: number;
}

/** `page` and `limit` as the schemas let them through: digits, or nothing. */
export function readPart({ page: pageText, limit: limitText }: Parameters): Part {
  const page = pageText === undefined ? 1 : Number(pageText);
  const limit = limitText === undefined ? DEFAULT_PAGE : Math.min(Number(limitText), LIMITS.page);
  return { page, limit, offset: (page - 1) * limit };
}

export type Paging = Part & Pick<PageQuery, 'order' | 'after' | 'total'>;

/** @throws LW_INVALID_PARAMETER for a cursor that no page gave, and for a cursor and a page at once */
export function readPaging(params: Parameters): Paging {
  const part = readPart(params);
  const order = params.order === 'asc' ? 'asc' : 'desc';
  const total = params.total !== 'none';
  if (params.cursor === undefined) return { ...part, order, total };
  if (params.page !== undefined) throw invalidParameter('page', 'must not stand together with cursor');
  const after = decodeCursor(params.cursor);
  if (after === undefined) throw invalidParameter('cursor', 'must be the next_cursor of a page');
  return { ...part, order, total, after };
}
