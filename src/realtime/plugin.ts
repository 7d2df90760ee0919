import websocket from '@fastify/websocket';
import type { TProperties } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { LIVE_CHANNELS, type LiveChannel, Since } from '../../schemas/live.ts';
import { closedQuery, eventQuery } from '../../schemas/query.ts';
import { LightwatchError } from '../errors.ts';
import type { Module, ModuleContext } from '../http/module.ts';
import { Connections } from './connections.ts';
import { PLAIN, SERVER_SENT_EVENTS } from './encoding.ts';
import { EventStreamClient } from './event-stream-client.ts';
import { type Channel, openChannels, type Watch } from './live-channels.ts';
import type { Params } from './live-filter.ts';
import { answerPings, multiplex } from './multiplex.ts';
import { checkOrigin } from './origin.ts';
import { webSocketUpgrades } from './upgrades.ts';
import { WebSocketClient } from './websocket-client.ts';

/** What `ws` is told. */
const WEBSOCKET_OPTIONS = {
  /** Bytes of a message: the longest filter has a few thousand. */
  maxPayload: 64 * 1024,
  /** Fragments of a message: no client of ours cuts one, and some libraries do it by 4 KiB. */
  maxFragments: 64,
  maxBufferedChunks: 1024,
  // Compression costs a window of memory a client and makes every payload a client's own.
  perMessageDeflate: false,
  /** How long a client may take to answer a close before it is cut. */
  closeTimeout: 2000,
};

/** The sockets of several channels; the second name is that of older clients. */
const MULTIPLEXED = ['/ws', '/ws/authenticated'];

declare module 'fastify' {
  interface FastifyRequest {
    /** What a live route was asked for, understood before the client is connected. */
    watch: Watch | null;
  }
}

/** Live events over WebSockets and as server-sent events. */
export const realtimeModule: Module = async (app, context) => {
  const { clock, config } = context;
  const channels = openChannels(context, app.log);
  const connections = new Connections();
  app.decorateRequest('watch', null);
  // Before that of @fastify/websocket, which closes without a reason.
  app.addHook('preClose', (done) => {
    connections.closeAll();
    done();
  });
  const paths = new Set([...LIVE_CHANNELS.map(pathOf), ...MULTIPLEXED]);
  const options = { ...WEBSOCKET_OPTIONS, server: webSocketUpgrades(app.server, paths) };
  await app.register(websocket, { options, errorHandler: closeFailed });
  app.addHook('onClose', async () => {
    for (const channel of Object.values(channels)) channel.close();
  });
  const figures = () => ({ connections: connections.size, ...mapValues(channels, (channel) => channel.stats()) });
  app.stats.add('realtime', figures, { counters: LIVE_CHANNELS.flatMap(countersOf) });

  const enter = async (request: FastifyRequest) => {
    if (request.ws) checkOrigin(request, config);
    connections.checkRoom();
  };
  const connect = (socket: WebSocket, request: FastifyRequest): WebSocketClient => {
    const client = new WebSocketClient(socket, request.raw.socket, clock);
    client.onClose(connections.add(client));
    if (request.principal?.expiresAt !== undefined) client.endAt(request.principal.expiresAt);
    return client;
  };

  for (const name of LIVE_CHANNELS) {
    const channel = channels[name];
    app.route({
      method: 'GET',
      url: pathOf(name),
      config: { scope: 'read', tokenInQuery: true },
      schema: { tags: ['realtime'], summary: `${name}, live: a WebSocket`, querystring: watchQuery(channel) },
      onRequest: enter,
      preHandler: prepare(channel),
      handler: refuseHttp,
      wsHandler(socket, request) {
        const client = connect(socket, request);
        answerPings(client);
        client.onClose(watchOf(request)(client, PLAIN));
      },
    });
  }

  for (const url of MULTIPLEXED) {
    app.route({
      method: 'GET',
      url,
      config: { scope: 'read', tokenInQuery: true },
      schema: {
        tags: ['realtime'],
        summary: 'Several channels over one WebSocket',
        querystring: closedQuery(CREDENTIALS),
      },
      onRequest: enter,
      handler: refuseHttp,
      wsHandler: (socket, request) => multiplex(connect(socket, request), channels),
    });
  }

  app.route({
    method: 'GET',
    url: '/api/logs/tail',
    config: { scope: 'read', tokenInQuery: true },
    schema: { tags: ['realtime'], summary: 'Logs, live: server-sent events', querystring: watchQuery(channels.logs) },
    onRequest: enter,
    preHandler: prepare(channels.logs),
    handler(request, reply) {
      const client = openStream(request, reply, context);
      client.onClose(connections.add(client));
      client.onClose(watchOf(request)(client, SERVER_SENT_EVENTS));
    },
  });
};

/** Where nothing asks for a credential it is not taken out of the query, and is no fault there. */
const CREDENTIALS = { token: Type.Optional(Type.String()), apiKey: Type.Optional(Type.String()) };

const pathOf = (channel: LiveChannel) => `/ws/${channel}`;

function watchQuery({ parameters }: Channel) {
  const properties: TProperties = { ...CREDENTIALS, since: Type.Optional(Since), ...parameters };
  return 'trace_id' in parameters ? eventQuery(properties) : closedQuery(properties);
}

function prepare(channel: Channel) {
  return async (request: FastifyRequest) => {
    const { token: _token, apiKey: _apiKey, since, ...params } = request.query as Params;
    const lastEventId = request.headers['last-event-id'];
    // A stream that broke off is asked for again with the same URL; the header knows better where it was.
    request.watch = channel.prepare(
      params,
      typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : since,
    );
  };
}

function watchOf(request: FastifyRequest): Watch {
  if (request.watch === null) throw new Error('BUG: a live route was not prepared');
  return request.watch;
}

function openStream(request: FastifyRequest, reply: FastifyReply, { clock }: ModuleContext): EventStreamClient {
  reply.hijack();
  const headers = Object.fromEntries(
    Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
  const client = new EventStreamClient(reply.raw, headers, clock);
  if (request.principal?.expiresAt !== undefined) client.endAt(request.principal.expiresAt);
  return client;
}

async function refuseHttp(): Promise<never> {
  throw new LightwatchError('LW_INVALID_REQUEST', 'this address speaks WebSocket: the request asks for no upgrade');
}

/** What `ws` refuses it closes itself, with the code that says why; anything else that fails here is ours. */
function closeFailed(this: FastifyInstance, error: Error, socket: WebSocket, request: FastifyRequest): void {
  if (socket.readyState !== socket.OPEN) return;
  request.log.error({ err: error, request_id: request.id }, 'a WebSocket failed');
  socket.close(1011, 'something went wrong here');
}

function countersOf(channel: string): string[] {
  return ['sent', 'dropped', 'closedSlow'].map((figure) => `${channel}.${figure}`);
}

function mapValues<K extends string, V, R>(values: Readonly<Record<K, V>>, map: (value: V) => R) {
  return Object.fromEntries(Object.entries<V>(values).map(([key, value]) => [key, map(value)]));
}
