import { randomBytes } from 'node:crypto';
import type { Bench } from './bench.ts';
import { HttpConnection, requestBytes } from './http-connection.ts';
import type { BatchLoad } from './load-batches.ts';
import { all, amount, atMost, type Row } from './report.ts';
import { API_KEY } from './server.ts';
import { type Summary, summarize } from './statistics.ts';

const PROBES = 60;
const LOADED_SECONDS = 5;
/** Time for the load to be under way before the first probe. */
const LOAD_BEGINS_MS = 500;

interface Probes {
  readonly milliseconds: Summary;
  readonly unseen: number;
}

/** A query for one trace right after an acknowledged write of it, beside the same query without a write. */
export async function queryAfterWrite(bench: Bench): Promise<Row[]> {
  const corpus = await bench.corpus();
  const server = await bench.filled();
  const connection = await HttpConnection.open(server.port);
  const some = Math.max(5, Math.round(PROBES * bench.options.scale));
  bench.progress('query after write: idle');
  const plain = await withoutWrites(connection, some);
  const idle = await afterWrites(connection, (probes) => probes < some);
  bench.progress('query after write: under load');
  const loaded = await bench.withWorker<BatchLoad, Probes>('load-batches', async (load) => {
    const sending = load.call('run', { port: server.port, key: API_KEY, corpus, connections: 4, endless: true });
    await new Promise((resolve) => setTimeout(resolve, bench.seconds(LOAD_BEGINS_MS)));
    const ends = performance.now() + bench.seconds(LOADED_SECONDS) * 1000;
    const probes = await afterWrites(connection, (done) => done < 3 || performance.now() < ends);
    await load.call('stop', undefined);
    await sending;
    return probes;
  });
  connection.close();
  await server.settle();
  return [row('idle', idle, plain, 10), row('under the full batch load', loaded, plain, 1000)];
}

function row(when: string, probes: Probes, plain: Summary, mostMs: number): Row {
  const extra = probes.milliseconds.p50 - plain.p50;
  const seen = probes.milliseconds.count - probes.unseen;
  return {
    measure: `a query right after an acknowledged write, ${when}`,
    shown: `${seen} of ${probes.milliseconds.count} seen, p50 / max ${amount(probes.milliseconds.p50, 'ms')} / ${amount(probes.milliseconds.max, 'ms')}, ${amount(extra, 'ms')} more`,
    ceilings: [{ name: 'the same query, nothing written', shown: amount(plain.p50, 'ms') }],
    goal: all({ shown: 'always seen', met: probes.unseen === 0 }, atMost(extra, mostMs, 'ms more')),
  };
}

async function withoutWrites(connection: HttpConnection, count: number): Promise<Summary> {
  const milliseconds: number[] = [];
  for (let probe = 0; probe < count; probe++) milliseconds.push((await find(connection, newTraceId())).milliseconds);
  return summarize(milliseconds);
}

async function afterWrites(connection: HttpConnection, more: (done: number) => boolean): Promise<Probes> {
  const milliseconds: number[] = [];
  let unseen = 0;
  while (more(milliseconds.length)) {
    const traceId = newTraceId();
    const event = { service: 'probes', level: 'info', trace_id: traceId, message: 'is this one seen at once?' };
    const bytes = Buffer.from(JSON.stringify(event));
    const reply = await connection.request(
      ...requestBytes('POST', '/ingest/logs', API_KEY, { type: 'application/json', bytes }),
    );
    if (reply.status !== 201) throw new Error(`an event was answered ${reply.status} ${reply.body}`);
    const found = await find(connection, traceId);
    milliseconds.push(found.milliseconds);
    if (found.total !== 1) unseen++;
  }
  return { milliseconds: summarize(milliseconds), unseen };
}

async function find(connection: HttpConnection, traceId: string) {
  const began = performance.now();
  const reply = await connection.request(...requestBytes('GET', `/api/logs?trace_id=${traceId}`, API_KEY));
  const milliseconds = performance.now() - began;
  if (reply.status !== 200) throw new Error(`a query was answered ${reply.status} ${reply.body}`);
  return { milliseconds, total: (JSON.parse(reply.body.toString()) as { total?: number }).total };
}

function newTraceId(): string {
  return randomBytes(16).toString('hex');
}
