import { closeSync, openSync, readSync } from 'node:fs';
import { HttpConnection, requestBytes } from './http-connection.ts';
import { type Summary, summarize } from './statistics.ts';
import { serveCalls } from './worker.ts';

/** What to send over and over: each connection its next request as soon as it has the answer to the last. */
interface Load {
  readonly port: number;
  readonly key: string;
  readonly connections: number;
  readonly seconds: number;
  readonly requests: Paths | Events;
}

/** `GET`s of these paths, in turn. */
interface Paths {
  readonly paths: readonly string[];
}

/** The first `count` lines of a corpus, one a `POST`, in turn. */
interface Events {
  readonly post: string;
  readonly corpusPath: string;
  readonly count: number;
}

interface LoadFigures {
  readonly requests: number;
  readonly perSecond: number;
  readonly latencyMs: Summary;
  /** Answers by status. */
  readonly statuses: Readonly<Record<number, number>>;
}

/** Enough for any line of the corpus. */
const LINE_BYTES = 400;

function prepare({ key, requests }: Load): Buffer[] {
  if ('paths' in requests) return requests.paths.flatMap((path) => requestBytes('GET', path, key));
  const { post, corpusPath, count } = requests;
  const file = openSync(corpusPath, 'r');
  const bytes = Buffer.alloc(count * LINE_BYTES);
  const length = readSync(file, bytes, 0, bytes.length, 0);
  closeSync(file);
  const lines = bytes.toString('utf8', 0, length).split('\n').slice(0, count);
  return lines
    .filter((line) => line.endsWith('}'))
    .map((line) =>
      Buffer.concat(requestBytes('POST', post, key, { type: 'application/json', bytes: Buffer.from(line) })),
    );
}

async function run(load: Load): Promise<LoadFigures> {
  const requests = prepare(load).map((bytes) => [bytes]);
  const connections = await Promise.all(Array.from({ length: load.connections }, () => HttpConnection.open(load.port)));
  const latencies: number[] = [];
  const statuses: Record<number, number> = {};
  const began = performance.now();
  const ends = began + load.seconds * 1000;
  let next = 0;
  const drive = (connection: HttpConnection) =>
    new Promise<void>((resolve, reject) => {
      const send = () => {
        const sent = performance.now();
        if (sent >= ends) return resolve();
        const onReply = (status: number) => {
          latencies.push(performance.now() - sent);
          statuses[status] = (statuses[status] ?? 0) + 1;
          send();
        };
        connection.send(requests[next++ % requests.length] ?? [], onReply, reject);
      };
      send();
    });
  await Promise.all(connections.map(drive));
  const seconds = (performance.now() - began) / 1000;
  for (const connection of connections) connection.close();
  return {
    requests: latencies.length,
    perSecond: latencies.length / seconds,
    latencyMs: summarize(latencies),
    statuses,
  };
}

const methods = { run };
export type RequestLoad = typeof methods;
serveCalls(methods);
