import { LiveClient } from './live-client.ts';
import { serveCalls } from './worker.ts';

interface Clients {
  readonly port: number;
  readonly path: string;
  readonly clients: number;
}

export interface ClientFigures {
  readonly messages: number;
  readonly dropped: number;
  /** Clients that the server has closed. */
  readonly closed: number;
}

let clients: LiveClient[] = [];

/** Opens more WebSockets that only read. */
async function open({ port, path, clients: count }: Clients): Promise<void> {
  const opened = await Promise.all(Array.from({ length: count }, () => LiveClient.open(port, path)));
  clients.push(...opened);
}

function figures(_: null): ClientFigures {
  return {
    messages: clients.reduce((sum, client) => sum + client.messages, 0),
    dropped: clients.reduce((sum, client) => sum + client.dropped, 0),
    closed: clients.filter((client) => client.closed).length,
  };
}

function close(_: null): void {
  for (const client of clients) client.close();
  clients = [];
}

const methods = { open, figures, close };
export type ClientLoad = typeof methods;
serveCalls(methods);
