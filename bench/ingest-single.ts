import type { BareServer } from './bare-server.ts';
import type { Bench } from './bench.ts';
import type { RequestLoad } from './load-requests.ts';
import { amount, atMost, type Row } from './report.ts';
import { API_KEY } from './server.ts';
import { median } from './statistics.ts';

const CONNECTIONS = 64;
const ROUNDS = 3;
const SECONDS = 5;
/** Different bodies, so that nothing is the same twice in a row. */
const BODIES = 5000;

/** One event a request, beside a Fastify route that only parses and answers; the two take turns. */
export async function ingestSingle(bench: Bench): Promise<Row[]> {
  const corpus = await bench.corpus();
  const server = await bench.startServer();
  const rows = await bench.withWorker<BareServer, Row[]>(
    'bare-server',
    (bare) =>
      bench.withWorker<RequestLoad, Row[]>('load-requests', async (load) => {
        const barePort = await bare.call('listen', null);
        const send = async (port: number, seconds: number) => {
          const requests = { post: '/ingest/logs', corpusPath: corpus.path, count: Math.min(BODIES, corpus.events) };
          const figures = await load.call('run', { port, key: API_KEY, connections: CONNECTIONS, seconds, requests });
          const statuses = Object.keys(figures.statuses);
          if (statuses.some((status) => status !== '201')) throw new Error(`events were answered ${statuses}`);
          return figures;
        };
        bench.progress('single events: warming up');
        await send(barePort, bench.seconds(1));
        await send(server.port, bench.seconds(1));
        const ours = [];
        const theirs = [];
        for (let round = 1; round <= ROUNDS; round++) {
          bench.progress(`single events: round ${round} of ${ROUNDS}`);
          theirs.push(await send(barePort, bench.seconds(SECONDS)));
          ours.push(await send(server.port, bench.seconds(SECONDS)));
        }
        const rate = median(ours.map((figures) => figures.perSecond));
        const bareRate = median(theirs.map((figures) => figures.perSecond));
        const p50 = median(ours.map((figures) => figures.latencyMs.p50));
        const p99 = median(ours.map((figures) => figures.latencyMs.p99));
        const ratio = rate / bareRate;
        return [
          {
            measure: `one event a request, ${CONNECTIONS} connections, each synced`,
            shown: amount(rate, 'req/s'),
            ceilings: [{ name: 'bare Fastify route', shown: amount(bareRate, 'req/s'), ratio }],
            goal: { shown: '≥ 0.8 of the bare route', met: ratio >= 0.8 },
          },
          {
            measure: '– its latency, p50 / p99',
            shown: `${amount(p50, 'ms')} / ${amount(p99, 'ms')}`,
            ceilings: [
              {
                name: 'bare Fastify route',
                shown: `${amount(median(theirs.map((f) => f.latencyMs.p50)), 'ms')} / ${amount(median(theirs.map((f) => f.latencyMs.p99)), 'ms')}`,
              },
            ],
            goal: atMost(p99, 20, 'ms p99'),
          },
        ];
      }),
    bench.options.node,
  );
  await bench.retire(server, 'single events');
  return rows;
}
