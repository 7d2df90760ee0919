import { NO_REDIS_SERVER, startRedis } from '../test/fixtures/redis-server.ts';
import type { Bench } from './bench.ts';
import type { ClientFigures, ClientLoad } from './load-clients.ts';
import type { LatencyFigures, LatencyLoad } from './load-latency.ts';
import type { StreamFigures, StreamLoad } from './load-stream.ts';
import { all, amount, atMost, type Row } from './report.ts';
import { API_KEY, type Server } from './server.ts';

const PER_SECOND = 10_000;
/** Events of a request, as agents send them. */
const BATCH = 100;
const SECONDS = 10;
const CLIENTS = 100;
const LOOK_MS = 20;
/** How long to wait until the last messages have arrived. */
const PATIENCE_MS = 10_000;

/**
 * Events taken in by one replica and shown by two, over a Redis of the benchmark's own, to clients that see all of them;
 * beside it the same batches through a bare `XADD` and `XREAD`. Each replica has an embedded store to itself: what is
 * measured is the bus, and the MongoDB service of tests does not take so many events.
 */
export async function redis(bench: Bench): Promise<Row[]> {
  if (NO_REDIS_SERVER !== undefined) {
    bench.progress(`redis: left out, ${NO_REDIS_SERVER}`);
    return [];
  }
  const service = await startRedis();
  try {
    const bare = await bench.withWorker<StreamLoad, StreamFigures>(
      'load-stream',
      (load) => {
        bench.progress('redis: a bare stream');
        return load.call('run', {
          url: service.url,
          entriesPerSecond: PER_SECOND / BATCH,
          events: BATCH,
          seconds: bench.seconds(SECONDS),
        });
      },
      bench.options.node,
    );
    const settings = { REDIS_URL: service.url };
    const servers = await Promise.all([
      bench.startServer(undefined, { ...settings, ROLES: 'ingest,realtime' }),
      bench.startServer(undefined, { ...settings, ROLES: 'realtime' }),
    ]);
    bench.progress('redis: two replicas');
    const measured = await fanOut(bench, servers);
    for (const server of servers) await bench.retire(server, 'a replica of two');
    return rows(measured, bare);
  } finally {
    await service.dispose();
  }
}

interface Measured extends LatencyFigures {
  /** Messages that the other clients should have had and have not. */
  readonly lost: number;
  readonly perSecond: number;
  /** Of one core, by replica. */
  readonly cpuShares: readonly number[];
}

async function fanOut(bench: Bench, servers: readonly Server[]): Promise<Measured> {
  const tailPorts = servers.map(({ port }) => port);
  const livePath = `/ws/logs?token=${API_KEY}`;
  const others = CLIENTS / servers.length - 1;
  return bench.withWorker<ClientLoad, Measured>('load-clients', (clients) =>
    bench.withWorker<LatencyLoad, Measured>('load-latency', async (load) => {
      for (const port of tailPorts) await clients.call('open', { port, path: livePath, clients: others });
      const run = (seconds: number) =>
        load.call('run', {
          port: tailPorts[0] ?? 0,
          tailPorts,
          key: API_KEY,
          livePath,
          requestsPerSecond: PER_SECOND / BATCH,
          batch: BATCH,
          seconds,
        });
      const warm = await run(bench.seconds(2));
      await arrived(clients, warm.sent * others * servers.length);
      const cpuBefore = servers.map((server) => server.figures().cpuSeconds);
      const began = performance.now();
      const figures = await run(bench.seconds(SECONDS));
      const seconds = (performance.now() - began) / 1000;
      const cpuShares = servers.map(
        (server, index) => (server.figures().cpuSeconds - (cpuBefore[index] ?? 0)) / seconds,
      );
      const expected = (warm.sent + figures.sent) * others * servers.length;
      const { messages, closed } = await arrived(clients, expected);
      if (closed > 0) throw new Error(`${closed} clients were closed`);
      return { ...figures, lost: expected - messages, perSecond: (figures.sent * CLIENTS) / seconds, cpuShares };
    }),
  );
}

/** Resolves when the clients have that many messages, or when no more are to be expected. */
async function arrived(
  clients: { call(method: 'figures', parameter: null): Promise<ClientFigures> },
  expected: number,
): Promise<ClientFigures> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const figures = await clients.call('figures', null);
    if (figures.messages >= expected || figures.closed > 0 || performance.now() > until) return figures;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function rows({ toTail, toAcknowledgement, lost, perSecond, cpuShares }: Measured, bare: StreamFigures): Row[] {
  const both = ({ p50, p99 }: { p50: number; p99: number }) => `${amount(p50, 'ms')} / ${amount(p99, 'ms')}`;
  return [
    {
      measure: `two replicas over Redis, ${PER_SECOND} events/s to ${CLIENTS} WebSockets`,
      shown: `${amount(perSecond, 'messages/s')}, ${lost} lost`,
      goal: { shown: 'none lost', met: lost === 0 },
    },
    {
      measure: `– POST to tail at both replicas, batches of ${BATCH}, p50 / p99`,
      shown: both(toTail),
      ceilings: [
        { name: 'to the 2xx', shown: both(toAcknowledgement) },
        { name: 'a bare XADD to XREAD', shown: both(bare.latencyMs) },
      ],
      goal: all(atMost(toTail.p99, 100, 'ms p99')),
    },
    {
      measure: '– processor of the replica that ingests / that only shows',
      shown: cpuShares.map((share) => amount(100 * share, '%')).join(' / '),
    },
  ];
}
