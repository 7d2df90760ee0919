import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../core/clock.ts';

/** How long requests that are under way may take to finish when the server closes; then their connections are cut. */
const DRAIN_WITHIN_MS = 8_000;
/** How often connections that have finished are looked for meanwhile. */
const REAP_EVERY_MS = 50;

/**
 * A way to close the server that waits for requests and for nothing else: connections that ask nothing are closed at
 * once, those that are still busy after `DRAIN_WITHIN_MS` are cut, WebSockets among them. Call it before `listen`.
 */
export function drainer(app: FastifyInstance, clock: Clock): () => Promise<void> {
  const { server } = app;
  const open = new Set<Socket>();
  // Browsers connect ahead of need, and Node counts such a connection as busy until its headers time out.
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    silent.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      silent.delete(socket);
    });
  });
  const speaks = ({ socket }: IncomingMessage) => silent.delete(socket);
  server.on('request', speaks);
  server.on('upgrade', speaks);

  return async () => {
    const reaper = setInterval(() => {
      // Node closes what is idle when the server closes, not what becomes idle after it.
      server.closeIdleConnections();
      destroyAll(silent);
    }, REAP_EVERY_MS);
    const deadline = clock.after(DRAIN_WITHIN_MS, () => destroyAll(open));
    try {
      await app.close();
    } finally {
      deadline.cancel();
      clearInterval(reaper);
    }
  };
}

function destroyAll(sockets: ReadonlySet<Socket>): void {
  for (const socket of sockets) socket.destroy();
}
