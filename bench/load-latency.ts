import { HttpConnection, requestBytes } from './http-connection.ts';
import { LiveClient } from './live-client.ts';
import { type Summary, summarize } from './statistics.ts';
import { serveCalls } from './worker.ts';

interface Load {
  readonly port: number;
  readonly key: string;
  readonly livePath: string;
  readonly perSecond: number;
  readonly seconds: number;
}

export interface LatencyFigures {
  readonly sent: number;
  /** From the moment an event was due to be sent. */
  readonly toAcknowledgement: Summary;
  readonly toTail: Summary;
}

const CONNECTIONS = 16;
/** How long to wait for the last messages. */
const PATIENCE_MS = 2000;
const MARK = Buffer.from('probe number ');

/** Sends single events at a fixed pace, however the server does, and reads them from a live tail. */
async function run({ port, key, livePath, perSecond, seconds }: Load): Promise<LatencyFigures> {
  const dueAt: number[] = [];
  const toTail: number[] = [];
  const toAcknowledgement: number[] = [];
  const tail = await LiveClient.open(port, livePath, (payload) => {
    const at = payload.indexOf(MARK);
    if (at < 0) return;
    const number = Number.parseInt(payload.toString('latin1', at + MARK.length, at + MARK.length + 12), 10);
    toTail.push(performance.now() - (dueAt[number] ?? Number.NaN));
  });
  const idle = await Promise.all(Array.from({ length: CONNECTIONS }, () => HttpConnection.open(port)));
  const total = Math.floor(perSecond * seconds);
  const began = performance.now();
  let failure: Error | undefined;
  let sent = 0;
  const sendDue = () => {
    while (sent < total && sent <= ((performance.now() - began) / 1000) * perSecond) {
      const connection = idle.pop();
      if (connection === undefined) return;
      const number = sent++;
      const due = began + (number / perSecond) * 1000;
      dueAt[number] = due;
      const onReply = (status: number) => {
        toAcknowledgement.push(performance.now() - due);
        if (status !== 201) failure = new Error(`an event was answered ${status}`);
        idle.push(connection);
        sendDue();
      };
      connection.send([probe(key, number)], onReply, (error) => {
        failure = error;
      });
    }
  };
  while (failure === undefined && toAcknowledgement.length < total) {
    sendDue();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const until = performance.now() + PATIENCE_MS;
  while (failure === undefined && toTail.length < total && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  tail.close();
  for (const connection of idle) connection.close();
  if (failure !== undefined) throw failure;
  if (toTail.length < total) throw new Error(`${total - toTail.length} of ${total} events never reached the tail`);
  return { sent: total, toAcknowledgement: summarize(toAcknowledgement), toTail: summarize(toTail) };
}

function probe(key: string, number: number): Buffer {
  const event = {
    service: 'probes',
    level: 'info',
    host: 'bench-1',
    message: `probe number ${number} on its way from a POST to the live tail, with a text as long as an ordinary line`,
  };
  const bytes = Buffer.from(JSON.stringify(event));
  return Buffer.concat(requestBytes('POST', '/ingest/logs', key, { type: 'application/json', bytes }));
}

const methods = { run };
export type LatencyLoad = typeof methods;
serveCalls(methods);
