import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { METRICS, REGIONS, rules } from './alert-rules.ts';
import type { Bench } from './bench.ts';
import { type Corpus, SERVICES, writeCorpus } from './corpus.ts';
import { HttpConnection, requestBytes } from './http-connection.ts';
import type { BatchFigures, BatchLoad } from './load-batches.ts';
import { all, amount, atLeast, atMost, type Row } from './report.ts';
import { API_KEY, type Server } from './server.ts';

const RULES = 1000;
/** What the goals are written for; measured ticks come more often, so that there are some. */
const INTERVAL_S = 30;
const MEASURED_INTERVAL_S = 5;
const TICKS = 4;
const LOAD_SECONDS = 10;
const LOOK_MS = 20;
const BREACHES = 3;
const TICK_PATIENCE_MS = 60_000;

/** What a thousand rules over a million recent events cost, beside ingest, and how soon a breach is told. */
export async function alert(bench: Bench): Promise<Row[]> {
  const events = bench.options.events;
  const corpus = await writeCorpus(bench.path('recent.ndjson'), events, Date.now());
  const settings = { ALERT_INTERVAL: `${MEASURED_INTERVAL_S}s`, WEBHOOK_ALLOW: '127.0.0.1' };
  const server = await bench.startServer(undefined, settings);
  bench.progress('alert: recent events');
  await bench.withWorker<BatchLoad, BatchFigures>('load-batches', (load) =>
    load.call('run', { port: server.port, key: API_KEY, corpus, connections: 4 }),
  );
  const connection = await HttpConnection.open(server.port);
  await sendOthers(connection);
  await server.settle();
  const idle = await cpuOf(server, 2);

  bench.progress(`alert: ${RULES} rules`);
  const ids: string[] = [];
  for (const rule of rules(RULES)) ids.push((await post(connection, '/api/alerts', rule)).id);
  // The first tick learns what later ones remember.
  await tick(server);
  const first = (await server.stats()).alert.last_tick_ms;
  const busy = await cpuOf(server, Math.max(1, Math.round(TICKS * bench.options.scale)));
  const { failing } = (await server.stats()).alert;
  bench.progress('alert: breaches');
  const toldMs = await breaches(server, connection);
  // Last, as it brings more events than the rules were to look at.
  bench.progress('alert: ingest with rules');
  const beside = await loaded(bench, server, corpus);
  await server.settle();
  for (const id of ids) await send(connection, requestBytes('DELETE', `/api/alerts/${id}`, API_KEY));
  await tick(server);
  bench.progress('alert: ingest without rules');
  const alone = await loaded(bench, server, corpus);
  connection.close();
  await bench.retire(server, `${RULES} rules`);

  const cpuSeconds = busy.cpuSeconds - idle.cpuSeconds;
  const share = (100 * cpuSeconds) / INTERVAL_S;
  const ratio = beside.events / beside.seconds / (alone.events / alone.seconds);
  return [
    {
      measure: `one tick of ${RULES} rules of every type`,
      shown: `${amount(busy.tickMs, 'ms')}, the first ${amount(first, 'ms')}, ${failing} failing`,
      goal: all(atMost(busy.tickMs, 2000, 'ms'), { shown: 'none failing', met: failing === 0 }),
    },
    {
      measure: `processor for that, of one core over ${INTERVAL_S} s`,
      shown: `${amount(share, '%')}, ${amount(cpuSeconds, 'CPU-s a tick')}`,
      goal: atMost(share, 30, '%'),
    },
    {
      measure: `batches while ${RULES} rules are evaluated every ${MEASURED_INTERVAL_S} s`,
      shown: amount(beside.events / beside.seconds, 'events/s'),
      ceilings: [{ name: 'without rules', shown: amount(alone.events / alone.seconds, 'events/s'), ratio }],
      goal: atLeast(ratio, 0.9, 'of it'),
    },
    {
      measure: `from a breach to its webhook, the longest of ${BREACHES}`,
      shown: amount(toldMs, 'ms'),
      goal: atMost(toldMs, (MEASURED_INTERVAL_S + 2) * 1000, 'ms'),
    },
  ];
}

/** Metrics of the last two hours, security events and heartbeats. */
async function sendOthers(connection: HttpConnection): Promise<void> {
  const now = Date.now();
  for (let minute = 120; minute >= 0; minute--) {
    const timestamp = new Date(now - minute * 60_000).toISOString();
    const events = SERVICES.flatMap((service) => [
      ...METRICS.map((name, index) => ({
        kind: 'metric',
        service,
        name,
        value: 50 + ((minute * 7 + index) % 11),
        timestamp,
        host: `web-${1 + (minute % 2)}`,
        tags: { region: REGIONS[minute % REGIONS.length] },
      })),
      { kind: 'security', service, type: 'brute_force', severity: 'high', source_ip: `10.0.0.${minute}`, timestamp },
      { kind: 'heartbeat', service, status: 'healthy', timestamp },
    ]);
    await post(connection, '/ingest/batch', { events });
  }
}

/** What the server uses between two ticks, and the slowest of them; a tick more or less changes nothing without rules. */
async function cpuOf(server: Server, ticks: number) {
  await tick(server);
  const began = server.figures().cpuSeconds;
  let tickMs = 0;
  for (let count = 0; count < ticks; count++) {
    await tick(server);
    tickMs = Math.max(tickMs, (await server.stats()).alert.last_tick_ms);
  }
  return { cpuSeconds: (server.figures().cpuSeconds - began) / ticks, tickMs };
}

/** Resolves when the next tick is over. */
async function tick(server: Server): Promise<void> {
  const { ticks } = (await server.stats()).alert;
  const began = performance.now();
  while ((await server.stats()).alert.ticks === ticks) {
    if (performance.now() - began > TICK_PATIENCE_MS) throw new Error('the engine does not tick');
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function loaded(bench: Bench, server: Server, corpus: Corpus): Promise<BatchFigures> {
  return bench.withWorker<BatchLoad, BatchFigures>('load-batches', async (load) => {
    const sending = load.call('run', { port: server.port, key: API_KEY, corpus, connections: 2, endless: true });
    await new Promise((resolve) => setTimeout(resolve, bench.seconds(LOAD_SECONDS) * 1000));
    await load.call('stop', undefined);
    return sending;
  });
}

/** The longest of some breaches: milliseconds from the acknowledgement of what breaches a rule to its webhook. */
async function breaches(server: Server, connection: HttpConnection): Promise<number> {
  await server.settle();
  const target = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const { port } = target.address() as AddressInfo;
  let longestMs = 0;
  for (let number = 0; number < BREACHES; number++) {
    const service = `breach-${number}`;
    const rule = { service, threshold: 1, windowMinutes: 5, cooldownMinutes: 0 };
    await post(connection, '/api/alerts', { ...rule, webhook: `http://127.0.0.1:${port}/` });
    // Right after a tick: it has to wait for the whole interval.
    await tick(server);
    const called = once(target, 'request');
    await post(connection, '/ingest/logs', { service, level: 'error', message: 'it broke' });
    const began = performance.now();
    await called;
    longestMs = Math.max(longestMs, performance.now() - began);
  }
  target.close();
  return longestMs;
}

/** Answers the id of what was made, if that is one thing. */
async function post(connection: HttpConnection, path: string, body: object): Promise<{ readonly id: string }> {
  const bytes = Buffer.from(JSON.stringify(body));
  return send(connection, requestBytes('POST', path, API_KEY, { type: 'application/json', bytes }));
}

async function send(connection: HttpConnection, request: readonly Buffer[]): Promise<{ readonly id: string }> {
  const { status, body } = await connection.request(...request);
  if (status >= 300) throw new Error(`a request was answered ${status} ${body}`);
  return status === 204 ? { id: '' } : JSON.parse(body.toString());
}
