import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { Id, oneOf } from '../../schemas/common.ts';
import { closedQuery, LIST_PARAMETERS } from '../../schemas/query.ts';
import { SILENCE_STATES, Silence, SilenceBody, SilenceList, type StoredSilence } from '../../schemas/silence.ts';
import type { Clock } from '../core/clock.ts';
import { silenceState } from '../core/silence.ts';
import { callerOf } from '../http/auth.ts';
import { readPart } from '../http/parameters.ts';
import type { Silences } from './silences.ts';

const SilenceQuery = closedQuery({ ...LIST_PARAMETERS, status: Type.Optional(oneOf(SILENCE_STATES)) });

/** Described in the documentation as it is, and read by `Silences`. */
const body = Type.Unsafe<unknown>(SilenceBody);
const changes = Type.Unsafe<unknown>({ type: 'object', description: 'The fields to change; null takes one away' });
const acceptAnything = () => (value: unknown) => ({ value });

const tags = ['alerts'];
const params = Type.Object({ id: Id });
const one = { 200: Silence };
const read = { scope: 'read' } as const;
const write = { scope: 'write' } as const;

interface SilenceRouteOptions {
  readonly silences: Silences;
  readonly clock: Clock;
}

/** Silences: when nobody is told. */
export const silenceRoutes: FastifyPluginAsyncTypebox<SilenceRouteOptions> = async (app, { silences, clock }) => {
  const show = (silence: StoredSilence): Silence => ({ ...silence, status: silenceState(silence, clock.now()) });

  const listed = { tags, summary: 'Silences, newest first', querystring: SilenceQuery, response: { 200: SilenceList } };
  app.get('', { config: read, schema: listed }, async ({ query }) => {
    const { page, limit, offset } = readPart(query);
    // Their status is a matter of the moment, which no store can ask for; there are few.
    const all = (await silences.all()).toReversed().map(show);
    const wanted = query.status === undefined ? all : all.filter(({ status }) => status === query.status);
    return { data: wanted.slice(offset, offset + limit), total: wanted.length, page, limit };
  });

  const created = { tags, summary: 'Makes a silence', body, response: { 201: Silence } };
  app.post('', { config: write, schema: created, validatorCompiler: acceptAnything }, async (request, reply) => {
    const silence = await silences.create(request.body, callerOf(request).name);
    return reply.code(201).send(show(silence));
  });

  const got = { tags, summary: 'One silence', params, querystring: closedQuery({}), response: one };
  app.get('/:id', { config: read, schema: got }, async (request) => show(await silences.get(request.params.id)));

  const replaced = { tags, summary: 'Replaces a silence', body, response: one };
  app.put<{ Params: { id: string } }>(
    '/:id',
    { config: write, schema: replaced, validatorCompiler: acceptAnything },
    async (request) => show(await silences.replace(request.params.id, request.body)),
  );

  const patched = { tags, summary: 'Changes some fields of a silence', body: changes, response: one };
  app.patch<{ Params: { id: string } }>(
    '/:id',
    { config: write, schema: patched, validatorCompiler: acceptAnything },
    async (request) => show(await silences.patch(request.params.id, request.body)),
  );

  const deleted = { tags, summary: 'Deletes a silence', params, response: { 204: Type.Null() } };
  app.delete('/:id', { config: write, schema: deleted }, async (request, reply) => {
    await silences.delete(request.params.id);
    return reply.code(204).send(null);
  });
};
