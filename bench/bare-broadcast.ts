import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { serveCalls } from './worker.ts';

/** The least a broadcast can do: parse the lines it is sent, write each anew once, and `send` it to every client. */
async function listen(_: null): Promise<number> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const lines = Buffer.concat(chunks).toString().trimEnd().split('\n');
      for (const line of lines) {
        const message = Buffer.from(JSON.stringify(JSON.parse(line)));
        for (const client of sockets.clients) client.send(message, { binary: false });
      }
      const body = JSON.stringify({ accepted: lines.length });
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
  });
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('BUG: no TCP address');
  return address.port;
}

const methods = { listen };
export type BareBroadcast = typeof methods;
serveCalls(methods);
