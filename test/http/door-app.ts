import { connect } from 'node:net';
import { Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import websocket from '@fastify/websocket';
import { Type } from '@sinclair/typebox';
import { LIMITS } from '../../schemas/limits.ts';
import { readConfig, type SettingName } from '../../src/config.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { type DoorTimeouts, openDoor } from '../../src/http/door.ts';
import type { SharedCounter } from '../../src/http/rate-limit.ts';
import { createLog } from '../../src/log.ts';

export const API_KEY = 'a-key-of-the-tests';
export const JWT_SECRET = 'a secret that is long enough for HS256';

export interface DoorAppOptions {
  readonly env?: Partial<Record<SettingName, string>>;
  readonly clock?: Clock;
  readonly timeouts?: DoorTimeouts;
  readonly closing?: () => boolean;
  readonly sharedCounter?: SharedCounter;
}

/** The door with one route of each kind, and all that it logs. Closed after the test. */
export async function doorApp(
  t: TestContext,
  { env = {}, closing = () => false, clock = systemClock, timeouts, sharedCounter }: DoorAppOptions = {},
) {
  const config = readConfig({ LOG_LEVEL: 'trace', ...env });
  const logged: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      logged.push(String(chunk));
      done();
    },
  });
  const log = createLog(config, destination);
  const app = await openDoor({
    config,
    clock,
    log,
    closing,
    sharedCounter,
    ...(timeouts === undefined ? {} : { timeouts }),
  });
  t.after(() => app.close());

  const noted = Type.Object(
    { note: Type.String(), meta: Type.Optional(Type.Unknown()) },
    { additionalProperties: false },
  );
  const filter = Type.Object({ level: Type.Optional(Type.String()) }, { additionalProperties: false });
  app.post('/notes', { config: { scope: 'ingest' }, schema: { body: noted } }, (request) => ({ stored: request.body }));
  app.post('/batches', { config: { scope: 'ingest' }, bodyLimit: LIMITS.batchBytes }, () => ({ stored: true }));
  app.get('/notes', { config: { scope: 'read' }, schema: { querystring: filter } }, (request) => ({
    by: request.principal?.name,
    tenant: request.principal?.tenant,
    query: request.query,
    ip: request.ip,
  }));
  app.get('/notes/:id', { config: { scope: 'read' } }, (request) => request.params);
  app.put('/notes/:id', { config: { scope: 'write' } }, () => ({ done: true }));
  app.get('/unsaid', () => ({ done: true }));
  app.get('/open', { config: { scope: 'public' } }, () => ({ done: true }));
  app.get('/unlimited', { config: { scope: 'public', rateLimit: false } }, () => ({ done: true }));
  app.get('/stream', { config: { scope: 'read', tokenInQuery: true }, schema: { querystring: filter } }, (request) => ({
    by: request.principal?.name,
  }));
  await app.register(async (scope) => {
    await scope.register(websocket);
    scope.get('/socket', { websocket: true, config: { scope: 'read' } }, (socket, request) => {
      socket.send(String(request.principal?.name));
      socket.close();
    });
  });
  app.get('/broken', { config: { scope: 'public' } }, () => {
    throw new Error('the password of mongodb://root:hunter2@db is hunter2', { cause: new Error('?token=hunter3') });
  });
  return { app, config, logged };
}

export type DoorApp = Awaited<ReturnType<typeof doorApp>>;

/** Sends bytes as they are and resolves to all that comes back until the server closes. */
export async function sendRaw(port: number, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  for (const part of parts) socket.write(part);
  let answer = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  return new Promise((resolve) => {
    // A server that refuses early resets what it has not read.
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

export function portOf({ app }: DoorApp): number {
  const bound = app.server.address();
  if (bound === null || typeof bound === 'string') throw new Error('BUG: not listening');
  return bound.port;
}
