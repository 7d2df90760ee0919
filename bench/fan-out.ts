import type { BareBroadcast } from './bare-broadcast.ts';
import type { Bench } from './bench.ts';
import type { FanOutFigures, FanOutLoad } from './load-fan-out.ts';
import { processFigures } from './process-figures.ts';
import { amount, type Row } from './report.ts';
import { API_KEY } from './server.ts';
import { median } from './statistics.ts';

const CLIENTS = 100;
const ROUNDS = 3;
const SECONDS = 4;

interface Round extends FanOutFigures {
  readonly cpuMicrosecondsEach: number;
}

/** Ten messages a turn to every client, beside a bare `ws` server that sends them one by one; the two take turns. */
export async function fanOut(bench: Bench): Promise<Row[]> {
  const server = await bench.filled();
  return bench.withWorker<BareBroadcast, Row[]>(
    'bare-broadcast',
    async (bare) => {
      const barePort = await bare.call('listen', null);
      const broadcast = (port: number, pid: number, seconds: number) =>
        bench.withWorker<FanOutLoad, Round>('load-fan-out', async (load) => {
          const before = processFigures(pid).cpuSeconds;
          const livePath = `/ws/logs?token=${API_KEY}`;
          const figures = await load.call('run', { port, key: API_KEY, livePath, clients: CLIENTS, seconds });
          const cpuSeconds = processFigures(pid).cpuSeconds - before;
          return { ...figures, cpuMicrosecondsEach: (cpuSeconds * 1e6) / figures.delivered };
        });
      const ours: Round[] = [];
      const theirs: Round[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        bench.progress(`fan-out: round ${round} of ${ROUNDS}`);
        theirs.push(await broadcast(barePort, bare.pid, bench.seconds(SECONDS)));
        ours.push(await broadcast(server.port, server.pid, bench.seconds(SECONDS)));
      }
      return rows(ours, theirs);
    },
    bench.options.node,
  );
}

function rows(ours: readonly Round[], theirs: readonly Round[]): Row[] {
  const rate = median(ours.map((round) => round.perSecond));
  const bareRate = median(theirs.map((round) => round.perSecond));
  const ratio = rate / bareRate;
  const lost = ours.reduce((sum, round) => sum + round.dropped + round.closed, 0);
  return [
    {
      measure: `fan-out to ${CLIENTS} WebSockets, ten messages a turn`,
      shown: amount(rate, 'messages/s'),
      ceilings: [{ name: 'bare ws send each', shown: amount(bareRate, 'messages/s'), ratio }],
      goal: { shown: '≥ 2 × bare', met: ratio >= 2 },
    },
    {
      measure: '– processor time of the server; messages lost',
      shown: `${amount(median(ours.map((round) => round.cpuMicrosecondsEach)), 'µs a message')}; ${lost}`,
      ceilings: [
        {
          name: 'bare ws send each',
          shown: amount(median(theirs.map((round) => round.cpuMicrosecondsEach)), 'µs a message'),
        },
      ],
    },
  ];
}
