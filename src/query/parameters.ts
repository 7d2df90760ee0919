import type { Kind } from '../../schemas/event.ts';
import { LIMITS } from '../../schemas/limits.ts';
import { decodeCursor } from '../core/cursor.ts';
import { eventFilter } from '../core/event-filter.ts';
import type { Filter } from '../core/filter.ts';
import { invalidParameter } from '../errors.ts';
import { named, type Part, readPart } from '../http/parameters.ts';
import type { PageQuery } from '../store/store.ts';

/** A query string after its schema: every value is a string. */
export type Parameters = Readonly<Record<string, string | undefined>>;

/** @throws LW_INVALID_PARAMETER naming the parameter, for what the schemas cannot see */
export function readFilter(kind: Kind, params: Parameters, now: number): Filter {
  return named(() => eventFilter(kind, params, now));
}

export type Paging = Part & Pick<PageQuery, 'order' | 'after' | 'total'>;

/** @throws LW_INVALID_PARAMETER for a page that is too deep, a cursor that no page gave, and a cursor and a page at once */
export function readPaging(params: Parameters): Paging {
  const part = readPart(params);
  const order = params.order === 'asc' ? 'asc' : 'desc';
  const total = params.total !== 'none';
  if (params.cursor === undefined) return { ...notTooDeep(part), order, total };
  if (params.page !== undefined) throw invalidParameter('page', 'must not stand together with cursor');
  const after = decodeCursor(params.cursor);
  if (after === undefined) throw invalidParameter('cursor', 'must be the next_cursor of a page');
  return { ...part, order, total, after };
}

/** Whoever skips events has them all read and sorted; a cursor costs the same on every page. */
function notTooDeep(part: Part): Part {
  if (part.page * part.limit > LIMITS.pagedEvents) {
    throw invalidParameter(
      'page',
      `reaches beyond the first ${LIMITS.pagedEvents} events: go on with cursor, the next_cursor of the page before`,
    );
  }
  return part;
}
