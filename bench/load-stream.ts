import { Redis } from 'ioredis';
import { asLine, eventSource } from './corpus.ts';
import { type Summary, summarize } from './statistics.ts';
import { serveCalls } from './worker.ts';

interface Load {
  readonly url: string;
  readonly entriesPerSecond: number;
  /** Events of an entry. */
  readonly events: number;
  readonly seconds: number;
}

export interface StreamFigures {
  /** From the moment an entry was due to be added until it was read. */
  readonly latencyMs: Summary;
}

const STREAM = 'bench:stream';
const READ_ENTRIES = 32;
const BLOCK_MS = 2000;

/** Adds entries to a stream at a fixed pace and reads them over another connection: the least a bus over Redis can do. */
async function run({ url, entriesPerSecond, events, seconds }: Load): Promise<StreamFigures> {
  const writer = new Redis(url);
  const reader = new Redis(url);
  const source = eventSource(events, Date.now());
  const body = Array.from({ length: events }, () => asLine(source.next().event)).join('');
  const total = Math.floor(entriesPerSecond * seconds);
  const began = performance.now();
  const due = (number: number) => began + (number / entriesPerSecond) * 1000;
  const latencies: number[] = [];
  const reading = (async () => {
    let after = '0-0';
    while (latencies.length < total) {
      const answer = await reader.xread('COUNT', READ_ENTRIES, 'BLOCK', BLOCK_MS, 'STREAMS', STREAM, after);
      for (const [id, [, number]] of answer?.[0]?.[1] ?? []) {
        after = id;
        latencies.push(performance.now() - due(Number(number)));
      }
    }
  })();
  for (let sent = 0; sent < total; ) {
    const adding: Promise<unknown>[] = [];
    while (sent < total && performance.now() >= due(sent))
      adding.push(writer.xadd(STREAM, 'MAXLEN', '~', 100_000, '*', 'n', String(sent++), 'd', body));
    await Promise.all(adding);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await reading;
  await writer.del(STREAM);
  writer.disconnect();
  reader.disconnect();
  return { latencyMs: summarize(latencies) };
}

const methods = { run };
export type StreamLoad = typeof methods;
serveCalls(methods);
