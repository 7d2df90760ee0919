import { closeSync, openSync, readSync } from 'node:fs';
import { BATCH_EVENTS, type Corpus } from './corpus.ts';
import { HttpConnection, requestBytes } from './http-connection.ts';
import { type Summary, summarize } from './statistics.ts';
import { serveCalls } from './worker.ts';

interface Load {
  readonly port: number;
  readonly key: string;
  readonly corpus: Corpus;
  readonly connections: number;
  /** Once through the corpus, or over and over until `stop`. */
  readonly endless?: boolean;
}

export interface BatchFigures {
  /** Events that were acknowledged. */
  readonly events: number;
  /** From the first byte sent to the last acknowledgement. */
  readonly seconds: number;
  readonly latencyMs: Summary;
  /** Batches that were refused for overload, and sent again. */
  readonly refused: number;
}

/** How long to wait after a refusal: shorter than a Retry-After can say, so that the load stays a load. */
const RETRY_MS = 50;

let stopped = false;

/** Sends a corpus in batches. They are read as they are sent, so that the generator's memory stays small. */
async function run({ port, key, corpus, connections, endless = false }: Load): Promise<BatchFigures> {
  stopped = false;
  const file = openSync(corpus.path, 'r');
  const open = await Promise.all(Array.from({ length: connections }, () => HttpConnection.open(port)));
  const batches = corpus.offsets.length - 1;
  const latencies: number[] = [];
  let next = 0;
  let events = 0;
  let refused = 0;
  const began = performance.now();
  const drive = async (connection: HttpConnection) => {
    while (!stopped && (endless || next < batches)) {
      const batch = next++ % batches;
      const start = corpus.offsets[batch] ?? 0;
      const bytes = Buffer.allocUnsafe((corpus.offsets[batch + 1] ?? start) - start);
      readSync(file, bytes, 0, bytes.length, start);
      const request = requestBytes('POST', '/ingest/logs', key, { type: 'application/x-ndjson', bytes });
      const sent = performance.now();
      let reply = await connection.request(...request);
      while (reply.status === 429 || reply.status === 503) {
        refused++;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        reply = await connection.request(...request);
      }
      latencies.push(performance.now() - sent);
      events += acknowledged(reply.status, reply.body, Math.min(BATCH_EVENTS, corpus.events - batch * BATCH_EVENTS));
    }
  };
  await Promise.all(open.map(drive));
  const seconds = (performance.now() - began) / 1000;
  for (const connection of open) connection.close();
  closeSync(file);
  return { events, seconds, latencyMs: summarize(latencies), refused };
}

function acknowledged(status: number, body: Buffer, sent: number): number {
  const text = body.toString();
  const accepted = status === 200 ? (JSON.parse(text) as { accepted: unknown }).accepted : undefined;
  if (accepted !== sent) throw new Error(`a batch of ${sent} events was answered ${status} ${text.slice(0, 500)}`);
  return sent;
}

function stop(): void {
  stopped = true;
}

const methods = { run, stop };
export type BatchLoad = typeof methods;
serveCalls(methods);
