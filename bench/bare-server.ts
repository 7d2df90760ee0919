import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { serveCalls } from './worker.ts';

/** The least a Fastify route can do with an event: parse it and answer. */
async function listen(_: null): Promise<number> {
  const app = Fastify();
  app.post('/ingest/logs', (_request, reply) => {
    reply.code(201);
    return { status: 'accepted', id: randomUUID() };
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('BUG: no TCP address');
  return address.port;
}

const methods = { listen };
export type BareServer = typeof methods;
serveCalls(methods);
