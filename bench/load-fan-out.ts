import { asLine, eventSource } from './corpus.ts';
import { HttpConnection, requestBytes } from './http-connection.ts';
import { LiveClient } from './live-client.ts';
import { serveCalls } from './worker.ts';

interface Load {
  readonly port: number;
  readonly key: string;
  readonly livePath: string;
  readonly clients: number;
  readonly seconds: number;
}

export interface FanOutFigures {
  /** Messages received by all clients together. */
  readonly delivered: number;
  readonly perSecond: number;
  readonly dropped: number;
  readonly closed: number;
}

/** Messages that arrive in one turn of the server's loop. */
const BATCH = 10;
const BATCHES = 500;
/** One batch is on its way to the disk while another is on its way to the clients. */
const CONNECTIONS = 2;
/** Batches on their way to the clients before the next is sent: the pace is the slower side's, and nothing is dropped. */
const AHEAD = 4;
/** How often to look whether the clients have caught up. */
const LOOK_MS = 1;

/** Sends batches of ten while `clients` WebSockets read them, as fast as they arrive there. */
async function run({ port, key, livePath, clients: count, seconds }: Load): Promise<FanOutFigures> {
  const clients = await Promise.all(Array.from({ length: count }, () => LiveClient.open(port, livePath)));
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => HttpConnection.open(port)));
  const requests = batches(key);
  const delivered = () => clients.reduce((sum, client) => sum + client.messages + client.dropped, 0);
  const began = performance.now();
  const ends = began + seconds * 1000;
  let sent = 0;
  const drive = async (connection: HttpConnection) => {
    while (performance.now() < ends) {
      if (sent * BATCH * count - delivered() >= AHEAD * BATCH * count) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        continue;
      }
      const reply = await connection.request(...(requests[sent++ % requests.length] ?? []));
      if (reply.status !== 200) throw new Error(`a batch was answered ${reply.status} ${reply.body}`);
    }
  };
  await Promise.all(connections.map(drive));
  const messages = clients.reduce((sum, client) => sum + client.messages, 0);
  const elapsed = (performance.now() - began) / 1000;
  for (const connection of [...connections, ...clients]) connection.close();
  return {
    delivered: messages,
    perSecond: messages / elapsed,
    dropped: clients.reduce((sum, client) => sum + client.dropped, 0),
    closed: clients.filter((client) => client.closed).length,
  };
}

function batches(key: string): Buffer[][] {
  const source = eventSource(BATCH * BATCHES, Date.now());
  return Array.from({ length: BATCHES }, () => {
    const lines = Array.from({ length: BATCH }, () => asLine(source.next().event)).join('');
    return requestBytes('POST', '/ingest/logs', key, { type: 'application/x-ndjson', bytes: Buffer.from(lines) });
  });
}

const methods = { run };
export type FanOutLoad = typeof methods;
serveCalls(methods);
