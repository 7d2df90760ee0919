import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** From the request for an upgrade to its end: a socket that is no WebSocket in the end must not stay. */
const UPGRADE_WITHIN_MS = 10_000;

/**
 * Passes on only the WebSocket handshakes for `paths`, as the `upgrade` events of the server it answers, which never
 * listens itself. Once anyone listens for upgrades, Node takes every request that offers one out of HTTP, and reads no
 * body: and some HTTP clients (Java's) offer HTTP/2 with each first request. Those are served as what they are.
 */
export function webSocketUpgrades(server: Server, paths: ReadonlySet<string>): Server {
  const upgrades = createServer();
  // Node 24.9 and later ask; the older ones do not, and their sockets are given back below.
  if ('shouldUpgradeCallback' in server) {
    server.shouldUpgradeCallback = (request: IncomingMessage) => {
      if (isHandshake(request, paths)) return true;
      // The door ends the connection of whoever asked for an upgrade and got none.
      delete request.headers.upgrade;
      return false;
    };
  }
  server.on('upgrade', (request, socket, head) => {
    if (!isHandshake(request, paths)) {
      serveAsUsual(server, request, socket, head);
      return;
    }
    // `ws` ends this when it takes the socket over.
    request.socket.setTimeout(UPGRADE_WITHIN_MS, () => socket.destroy());
    upgrades.emit('upgrade', request, socket, head);
  });
  return upgrades;
}

function isHandshake({ method, url = '', headers }: IncomingMessage, paths: ReadonlySet<string>): boolean {
  const [path = ''] = url.split('?', 1);
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && paths.has(path);
}

/** Gives the request back to the server as it came, but for the offer. */
function serveAsUsual(server: Server, request: IncomingMessage, socket: Duplex, body: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== 'upgrade') lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  }
  // Node gives header values as Latin-1.
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]));
  server.emit('connection', socket);
}
