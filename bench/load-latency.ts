import { asLine, eventSource } from './corpus.ts';
import { HttpConnection, requestBytes } from './http-connection.ts';
import { LiveClient } from './live-client.ts';
import { type Summary, summarize } from './statistics.ts';
import { serveCalls } from './worker.ts';

interface Load {
  readonly port: number;
  /** Where there is a live tail, one on each. */
  readonly tailPorts: readonly number[];
  readonly key: string;
  readonly livePath: string;
  readonly requestsPerSecond: number;
  /** Events of a request; the last is the one that is looked for. */
  readonly batch: number;
  readonly seconds: number;
}

export interface LatencyFigures {
  /** Events. */
  readonly sent: number;
  /** From the moment an event was due to be sent. */
  readonly toAcknowledgement: Summary;
  readonly toTail: Summary;
}

const CONNECTIONS = 16;
/** How long to wait for the last messages. */
const PATIENCE_MS = 2000;
const MARK = Buffer.from('probe number ');

/** Sends events at a fixed pace, however the server does, and reads them from live tails. */
async function run(load: Load): Promise<LatencyFigures> {
  const { port, tailPorts, key, livePath, requestsPerSecond, batch, seconds } = load;
  const dueAt: number[] = [];
  const toTail: number[] = [];
  const toAcknowledgement: number[] = [];
  const read = (payload: Buffer) => {
    const at = payload.indexOf(MARK);
    if (at < 0) return;
    const number = Number.parseInt(payload.toString('latin1', at + MARK.length, at + MARK.length + 12), 10);
    toTail.push(performance.now() - (dueAt[number] ?? Number.NaN));
  };
  const tails = await Promise.all(tailPorts.map((tailPort) => LiveClient.open(tailPort, livePath, read)));
  const idle = await Promise.all(Array.from({ length: CONNECTIONS }, () => HttpConnection.open(port)));
  const total = Math.floor(requestsPerSecond * seconds);
  const request = requests(key, batch);
  const began = performance.now();
  let failure: Error | undefined;
  let sent = 0;
  const sendDue = () => {
    while (sent < total && sent <= ((performance.now() - began) / 1000) * requestsPerSecond) {
      const connection = idle.pop();
      if (connection === undefined) return;
      const number = sent++;
      const due = began + (number / requestsPerSecond) * 1000;
      dueAt[number] = due;
      const onReply = (status: number) => {
        toAcknowledgement.push(performance.now() - due);
        if (status !== (batch === 1 ? 201 : 200)) failure = new Error(`a request was answered ${status}`);
        idle.push(connection);
        sendDue();
      };
      connection.send([request(number)], onReply, (error) => {
        failure = error;
      });
    }
  };
  while (failure === undefined && toAcknowledgement.length < total) {
    sendDue();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const until = performance.now() + PATIENCE_MS;
  while (failure === undefined && toTail.length < total * tails.length && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  for (const tail of tails) tail.close();
  for (const connection of idle) connection.close();
  if (failure !== undefined) throw failure;
  const missing = total * tails.length - toTail.length;
  if (missing > 0) throw new Error(`${missing} of ${total * tails.length} probes never reached their tails`);
  return { sent: total * batch, toAcknowledgement: summarize(toAcknowledgement), toTail: summarize(toTail) };
}

/** Others of a batch are made once: what is measured must not wait for their generator. */
function requests(key: string, batch: number): (number: number) => Buffer {
  const source = eventSource(Math.max(1, batch - 1), Date.now());
  const others = Array.from({ length: batch - 1 }, () => asLine(source.next().event)).join('');
  const type = batch === 1 ? 'application/json' : 'application/x-ndjson';
  return (number) => {
    const bytes = Buffer.from(`${others}${JSON.stringify(probe(number))}`);
    return Buffer.concat(requestBytes('POST', '/ingest/logs', key, { type, bytes }));
  };
}

function probe(number: number): object {
  return {
    service: 'probes',
    level: 'info',
    host: 'bench-1',
    message: `probe number ${number} on its way from a POST to the live tail, with a text as long as an ordinary line`,
  };
}

const methods = { run };
export type LatencyLoad = typeof methods;
serveCalls(methods);
