import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import {
  CHANNEL_TYPES,
  Channel,
  ChannelBody,
  ChannelList,
  ChannelTest,
  type ChannelType,
  type StoredChannel,
} from '../../schemas/channel.ts';
import { Id, oneOf } from '../../schemas/common.ts';
import { closedQuery, LIST_PARAMETERS } from '../../schemas/query.ts';
import { maskChannel } from '../core/channel.ts';
import type { Clock } from '../core/clock.ts';
import { readPart } from '../http/parameters.ts';
import type { Documents } from '../store/store.ts';
import type { Channels } from './channels.ts';
import { CHANNEL_KINDS } from './notify/channel-kinds.ts';
import type { ChannelSender } from './notify/channel-sender.ts';
import { testPayload } from './notify/test-payload.ts';
import { envelope } from './paging.ts';

const ChannelQuery = closedQuery({
  ...LIST_PARAMETERS,
  type: Type.Optional(oneOf<readonly ChannelType[]>(CHANNEL_TYPES)),
  enabled: Type.Optional(oneOf(['true', 'false'])),
});

/** Described in the documentation as it is, and read by `Channels`, which can name the field that is wrong. */
const body = Type.Unsafe<unknown>(ChannelBody);
const changes = Type.Unsafe<unknown>({ type: 'object', description: 'The fields to change; null takes one away' });
const acceptAnything = () => (value: unknown) => ({ value });

const tags = ['alerts'];
const params = Type.Object({ id: Id });
const one = { 200: Channel };
const read = { scope: 'read' } as const;
const write = { scope: 'write' } as const;

interface ChannelRouteOptions {
  readonly channels: Channels;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly sender: ChannelSender;
  /** Whether mail can be sent. */
  readonly hasMail: boolean;
}

/** Channels: who is told. What is secret in them goes in and does not come out again. */
export const channelRoutes: FastifyPluginAsyncTypebox<ChannelRouteOptions> = async (
  app,
  { channels, documents, clock, sender, hasMail },
) => {
  const show = (channel: StoredChannel): Static<typeof Channel> => ({
    ...maskChannel(channel),
    problem: CHANNEL_KINDS[channel.type].needsMail && !hasMail ? 'SMTP_URL is not set' : null,
  });

  const listed = { tags, summary: 'Channels, oldest first', querystring: ChannelQuery, response: { 200: ChannelList } };
  app.get('', { config: read, schema: listed }, async ({ query }) => {
    const part = readPart(query);
    const page = await documents.list('channels', { ...part, where: channelFilter(query) });
    return envelope(page, part, show);
  });

  const created = { tags, summary: 'Makes a channel', body, response: { 201: Channel } };
  app.post('', { config: write, schema: created, validatorCompiler: acceptAnything }, async (request, reply) => {
    const channel = await channels.create(request.body);
    return reply.code(201).send(show(channel));
  });

  const got = { tags, summary: 'One channel', params, querystring: closedQuery({}), response: one };
  app.get('/:id', { config: read, schema: got }, async (request) => show(await channels.get(request.params.id)));

  const replaced = { tags, summary: 'Replaces a channel', body, response: one };
  app.put<{ Params: { id: string } }>(
    '/:id',
    { config: write, schema: replaced, validatorCompiler: acceptAnything },
    async (request) => show(await channels.replace(request.params.id, request.body)),
  );

  const patched = { tags, summary: 'Changes some fields of a channel', body: changes, response: one };
  app.patch<{ Params: { id: string } }>(
    '/:id',
    { config: write, schema: patched, validatorCompiler: acceptAnything },
    async (request) => show(await channels.patch(request.params.id, request.body)),
  );

  const deleted = { tags, summary: 'Deletes a channel that no rule names', params, response: { 204: Type.Null() } };
  app.delete('/:id', { config: write, schema: deleted }, async (request, reply) => {
    await channels.delete(request.params.id);
    return reply.code(204).send(null);
  });

  const tested = {
    tags,
    summary: 'Sends a test through a channel, also when it is switched off, and tells how that went',
    params,
    response: { 200: ChannelTest },
  };
  app.post('/:id/test', { config: write, schema: tested }, async (request): Promise<ChannelTest> => {
    const channel = await channels.get(request.params.id);
    const now = clock.now();
    const notification = { id: randomUUID(), sentAt: now, payload: testPayload(now) };
    // A try has a deadline of its own; who asked may leave without taking it back.
    const result = await sender.transmit(channel, notification, new AbortController().signal);
    return result.ok
      ? { status: 'delivered', response_status: result.status, error: result.note ?? null }
      : { status: 'failed', response_status: result.status, error: result.error };
  });
};

function channelFilter({ type, enabled }: Static<typeof ChannelQuery>) {
  return { ...(type !== undefined && { type }), ...(enabled !== undefined && { enabled: enabled === 'true' }) };
}
