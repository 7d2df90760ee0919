import type { Bench } from './bench.ts';
import type { ClientLoad } from './load-clients.ts';
import type { LatencyFigures, LatencyLoad } from './load-latency.ts';
import { all, amount, atMost, type Row } from './report.ts';
import { API_KEY } from './server.ts';

const PER_SECOND = 1000;
const SECONDS = 5;
const OTHER_CLIENTS = [0, 99] as const;

/** Time from POST to live tail at a fixed pace, alone and among other clients that see everything too. */
export async function latency(bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const others of OTHER_CLIENTS) {
    bench.progress(`latency: ${others} other clients`);
    rows.push(row(others, await measure(bench, others)));
  }
  return rows;
}

async function measure(bench: Bench, others: number): Promise<LatencyFigures> {
  const { port } = await bench.filled();
  return bench.withWorker<ClientLoad, LatencyFigures>('load-clients', (clients) =>
    bench.withWorker<LatencyLoad, LatencyFigures>('load-latency', async (load) => {
      await clients.call('open', { port, path: `/ws/logs?token=${API_KEY}`, clients: others });
      const livePath = `/ws/logs?service=probes&token=${API_KEY}`;
      const run = (seconds: number) =>
        load.call('run', {
          port,
          tailPorts: [port],
          key: API_KEY,
          livePath,
          requestsPerSecond: PER_SECOND,
          batch: 1,
          seconds,
        });
      await run(bench.seconds(1));
      return run(bench.seconds(SECONDS));
    }),
  );
}

function row(others: number, { toTail, toAcknowledgement }: LatencyFigures): Row {
  return {
    measure: `POST to tail at ${PER_SECOND} events/s, ${others + 1} live client${others === 0 ? '' : 's'}`,
    shown: `p50 / p99 ${amount(toTail.p50, 'ms')} / ${amount(toTail.p99, 'ms')}`,
    ceilings: [
      { name: 'to the 2xx', shown: `${amount(toAcknowledgement.p50, 'ms')} / ${amount(toAcknowledgement.p99, 'ms')}` },
    ],
    goal: all(atMost(toTail.p50, 10, 'ms p50'), atMost(toTail.p99, 50, 'ms p99')),
  };
}
