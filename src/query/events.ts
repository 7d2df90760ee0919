import { type TSchema, Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Id, list } from '../../schemas/common.ts';
import type { Kind, WireEvent } from '../../schemas/event.ts';
import { closedQuery } from '../../schemas/query.ts';
import { encodeCursor } from '../core/cursor.ts';
import { type StoredEvent, toWire } from '../core/event.ts';
import type { Filter } from '../core/filter.ts';
import { highlighter } from '../core/highlight.ts';
import { invalidParameter, LightwatchError } from '../errors.ts';
import type { ModuleContext } from '../http/module.ts';
import type { Page } from '../store/store.ts';
import { asked, canBeSlow } from './asking.ts';
import { type Paging, type Parameters, readFilter, readPaging } from './parameters.ts';
import { storedJson } from './stored-json.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** The envelope of all lists, as the text it is answered as: most of its events have been written before. */
export function listReply(item: TSchema) {
  return Type.Unsafe<string>(list(item));
}

/** Answers `GET /api/<events of this kind>`. */
export function listEvents({ store, clock }: ModuleContext, kind: Kind) {
  return async (request: FastifyRequest<{ Querystring: Parameters }>, reply: FastifyReply): Promise<string> => {
    const { page, limit, cursor, order, total, highlight, ...choice } = request.query;
    if (highlight !== undefined && kind !== 'log') throw invalidParameter('highlight', 'is not a known parameter');
    const paging = readPaging({ page, limit, cursor, order, total });
    const where = readFilter(kind, choice, clock.now());
    const query = { kind, where, ...paging };
    const found = canBeSlow(where)
      ? await asked(request, clock, (options) => store.page(query, options))
      : await store.page(query);
    reply.type(JSON_TYPE);
    return listJson(found, paging, highlight === 'true' ? highlightedJson(where) : storedJson);
  };
}

function listJson(
  { events, total, next }: Page,
  { page, limit }: Paging,
  json: (event: StoredEvent) => string,
): string {
  const rest = { total, page, limit, next_cursor: next && encodeCursor(next) };
  return `{"data":[${events.map((event) => json(event)).join()}],${JSON.stringify(rest).slice(1)}`;
}

/** An event with the places of its message that made it match. */
function highlightedJson(where: Filter): (event: StoredEvent) => string {
  const places = highlighter(where);
  return (event) => {
    const highlights = 'message' in event ? places(event.message) : [];
    return `${storedJson(event).slice(0, -1)},"highlights":${JSON.stringify(highlights)}}`;
  };
}

export const OneEvent = { params: Type.Object({ id: Id }), querystring: closedQuery({}) };

/** Answers `DELETE` of one event. */
export function removeEvent({ store }: ModuleContext, kind: Kind) {
  return async ({ params }: { params: { id: string } }, reply: FastifyReply): Promise<void> => {
    if (!(await store.remove(kind, params.id))) throw noSuchEvent(kind);
    reply.code(204);
  };
}

function noSuchEvent(kind: Kind): LightwatchError {
  return new LightwatchError('LW_NOT_FOUND', `there is no such ${kind} event`);
}

/** Answers `GET /api/<events of this kind>/:id`. */
export function oneEvent<K extends Kind>({ store }: ModuleContext, kind: K) {
  return async ({ params }: { params: { id: string } }): Promise<WireEvent<K>> => {
    const event = await store.get(kind, params.id);
    if (event === undefined) throw noSuchEvent(kind);
    return toWire(event);
  };
}
