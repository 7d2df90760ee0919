import { type TSchema, Type } from '@sinclair/typebox';
import { Id, list } from '../../schemas/common.ts';
import type { Kind, WireEvent } from '../../schemas/event.ts';
import { closedQuery } from '../../schemas/query.ts';
import { encodeCursor } from '../core/cursor.ts';
import { toWire } from '../core/event.ts';
import { LightwatchError } from '../errors.ts';
import type { ModuleContext } from '../http/module.ts';
import type { Page } from '../store/store.ts';
import { type Paging, type Parameters, readFilter, readPaging } from './parameters.ts';
import { storedJson } from './stored-json.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** The envelope of all lists, as the text it is answered as: most of its events have been written before. */
export function listReply(item: TSchema) {
  return Type.Unsafe<string>(list(item));
}

/** Answers `GET /api/<events of this kind>`. */
export function listEvents({ store, clock }: ModuleContext, kind: Kind) {
  return async ({ query }: { query: Parameters }, reply: { type(mime: string): unknown }): Promise<string> => {
    const { page, limit, cursor, order, total, ...choice } = query;
    const paging = readPaging({ page, limit, cursor, order, total });
    const where = readFilter(kind, choice, clock.now());
    const found = await store.page({ kind, where, ...paging });
    reply.type(JSON_TYPE);
    return listJson(found, paging);
  };
}

function listJson({ events, total, next }: Page, { page, limit }: Paging): string {
  const rest = { total, page, limit, next_cursor: next && encodeCursor(next) };
  return `{"data":[${events.map(storedJson).join()}],${JSON.stringify(rest).slice(1)}`;
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
