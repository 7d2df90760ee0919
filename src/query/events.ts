import { Type } from '@sinclair/typebox';
import { Id } from '../../schemas/common.ts';
import type { Kind, WireEvent } from '../../schemas/event.ts';
import { closedQuery } from '../../schemas/query.ts';
import { encodeCursor } from '../core/cursor.ts';
import { toWire } from '../core/event.ts';
import { LightwatchError } from '../errors.ts';
import type { ModuleContext } from '../http/module.ts';
import { type Parameters, readFilter, readPaging } from './parameters.ts';

/** The envelope of a list of events. */
export interface EventList<K extends Kind> {
  data: WireEvent<K>[];
  total?: number;
  page: number;
  limit: number;
  next_cursor?: string;
}

/** Answers `GET /api/<events of this kind>`. */
export function listEvents<K extends Kind>({ store, clock }: ModuleContext, kind: K) {
  return async ({ query }: { query: Parameters }): Promise<EventList<K>> => {
    const { page, limit, cursor, order, total, ...choice } = query;
    const paging = readPaging({ page, limit, cursor, order, total });
    const where = readFilter(kind, choice, clock.now());
    const found = await store.page({ kind, where, ...paging });
    return {
      data: found.events.map(toWire),
      ...(found.total !== undefined && { total: found.total }),
      page: paging.page,
      limit: paging.limit,
      ...(found.next !== undefined && { next_cursor: encodeCursor(found.next) }),
    };
  };
}

export const OneEvent = { params: Type.Object({ id: Id }), querystring: closedQuery({}) };

/** Answers `GET /api/<events of this kind>/:id`. */
export function oneEvent<K extends Kind>({ store }: ModuleContext, kind: K) {
  return async ({ params }: { params: { id: string } }): Promise<WireEvent<K>> => {
    const event = await store.get(kind, params.id);
    if (event === undefined) throw new LightwatchError('LW_NOT_FOUND', `there is no such ${kind} event`);
    return toWire(event);
  };
}
