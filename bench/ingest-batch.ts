import type { Bench } from './bench.ts';
import type { CeilingFigures, Ceilings } from './ceilings.ts';
import { BATCH_EVENTS, type Corpus } from './corpus.ts';
import type { BatchFigures, BatchLoad } from './load-batches.ts';
import type { ClientFigures, ClientLoad } from './load-clients.ts';
import { amount, atLeast, atMost, type Row } from './report.ts';
import { API_KEY, type Server } from './server.ts';
import { median } from './statistics.ts';

const CONNECTIONS = 4;
/** Node from this version on has its own goals: it parses and writes JSON much faster. */
const FAST_NODE = 26;

interface Run {
  readonly sent: BatchFigures;
  readonly tail: ClientFigures;
  /** From the last acknowledgement until everything was loaded. */
  readonly settleSeconds: number;
  readonly cpuSecondsPerMillion: number;
}

/** Batches of NDJSON with a live tail open, beside what parsing, syncing and loading the same bytes cost alone. */
export async function ingestBatch(bench: Bench): Promise<Row[]> {
  const corpus = await bench.corpus();
  const runs: Run[] = [];
  for (let number = 1; number <= bench.options.runs; number++) {
    bench.progress(`batches: run ${number} of ${bench.options.runs}`);
    const server = await bench.startServer();
    runs.push(await sendAll(bench, server, corpus));
    if (number < bench.options.runs) await bench.retire(server, 'batches');
    else bench.keepFilled(server);
  }
  bench.progress('batches: ceilings');
  return rows(bench, runs, await ceilings(bench, corpus));
}

async function sendAll(bench: Bench, server: Server, corpus: Corpus): Promise<Run> {
  const { port } = server;
  return bench.withWorker<ClientLoad, Run>('load-clients', (client) =>
    bench.withWorker<BatchLoad, Run>('load-batches', async (load) => {
      await client.call('open', { port, path: `/ws/logs?token=${API_KEY}`, clients: 1 });
      const cpuBefore = server.figures().cpuSeconds;
      const sent = await load.call('run', { port, key: API_KEY, corpus, connections: CONNECTIONS });
      const acknowledgedAt = performance.now();
      await server.settle();
      const settleSeconds = (performance.now() - acknowledgedAt) / 1000;
      const cpuSeconds = server.figures().cpuSeconds - cpuBefore;
      const stored = (await server.stats()).store.events.log ?? 0;
      if (stored < corpus.events) throw new Error(`${stored} of ${corpus.events} acknowledged events are stored`);
      const tail = await client.call('figures', null);
      return { sent, tail, settleSeconds, cpuSecondsPerMillion: cpuSeconds / (corpus.events / 1e6) };
    }),
  );
}

interface Alone {
  readonly parse: CeilingFigures;
  readonly sync: CeilingFigures;
  readonly load: CeilingFigures;
}

async function ceilings(bench: Bench, corpus: Corpus): Promise<Alone> {
  return bench.withWorker<Ceilings, Alone>(
    'ceilings',
    async (worker) => {
      const databasePath = bench.path('ceiling.duckdb');
      const parse = await worker.call('parse', corpus);
      const sync = await worker.call('sync', { corpus, path: bench.path('synced') });
      const load = await worker.call('load', { corpus, path: databasePath });
      bench.keepDatabase(databasePath);
      return { parse, sync, load };
    },
    bench.options.node,
  );
}

function rows(bench: Bench, runs: readonly Run[], { parse, sync, load }: Alone): Row[] {
  const fast = bench.options.nodeMajor >= FAST_NODE;
  const rate = median(runs.map(({ sent }) => sent.events / sent.seconds));
  const cpu = median(runs.map((run) => run.cpuSecondsPerMillion));
  const settle = median(runs.map((run) => run.settleSeconds));
  const latency = runs.map(({ sent }) => sent.latencyMs);
  const refused = runs.reduce((sum, { sent }) => sum + sent.refused, 0);
  const delivered = median(runs.map(({ sent, tail }) => tail.messages / sent.events));
  const named = [
    { name: 'ingest’s parsing alone', figures: parse },
    { name: 'write + fdatasync alone', figures: sync },
    { name: 'DuckDB read_ndjson alone', figures: load },
  ];
  return [
    {
      measure: `batches of ${BATCH_EVENTS}, ${CONNECTIONS} connections, live tail open, each synced`,
      shown: amount(rate, 'events/s'),
      ceilings: named.map(({ name, figures: { perSecond } }) => ({
        name,
        shown: amount(perSecond, 'events/s'),
        ratio: rate / perSecond,
      })),
      goal: atLeast(rate, fast ? 330_000 : 200_000, 'events/s'),
    },
    {
      measure: '– processor time of the server until all is loaded',
      shown: amount(cpu, 's per million'),
      ceilings: named.map(({ name, figures: { cpuSecondsPerMillion } }) => ({
        name,
        shown: amount(cpuSecondsPerMillion, 's per million'),
      })),
      goal: atMost(cpu, fast ? 5 : 7, 's per million'),
    },
    { measure: '– loaded after the last acknowledgement', shown: amount(settle, 's'), goal: atMost(settle, 2, 's') },
    {
      measure: '– latency of a batch, p50 / p99; refused for overload',
      shown: `${amount(median(latency.map(({ p50 }) => p50)), 'ms')} / ${amount(median(latency.map(({ p99 }) => p99)), 'ms')}; ${refused}`,
    },
    { measure: '– delivered to the live tail meanwhile', shown: amount(delivered * 100, '% of the events') },
  ];
}
