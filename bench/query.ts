import type { Bench } from './bench.ts';
import type { Ceilings, Question } from './ceilings.ts';
import { type Corpus, RARE_EVENTS, RARE_WORD, SERVICES } from './corpus.ts';
import { LEVELS } from './duckdb-table.ts';
import { HttpConnection, requestBytes } from './http-connection.ts';
import type { RequestLoad } from './load-requests.ts';
import { all, amount, atLeast, atMost, type Goal, type Row } from './report.ts';
import { API_KEY, type Server } from './server.ts';
import { type Summary, summarize } from './statistics.ts';

const CONNECTIONS = 16;
const SECONDS = 5;
const PAGE = 50;
const NEWEST = `ORDER BY timestamp DESC, id DESC LIMIT ${PAGE}`;

/** Something to ask both ways, in turn over its variants. */
export interface Case {
  readonly measure: string;
  readonly paths: readonly string[];
  readonly questions: readonly Question[];
  /** How many events the first path must find: an answer that is wrong is no answer. */
  readonly total?: number;
}

interface Throughput extends Case {
  goal(perSecond: number, latencyMs: Summary): Goal;
}

interface Latency extends Case {
  goal?(latencyMs: Summary): Goal;
}

/** Questions to a store that holds the corpus, each beside the same question asked of DuckDB directly. */
export async function query(bench: Bench): Promise<Row[]> {
  const corpus = await bench.corpus();
  const server = await bench.filled();
  const databasePath = await bench.database();
  const askDuckDb = (questions: readonly Question[]) =>
    bench.withWorker<Ceilings, Summary>(
      'ceilings',
      (worker) => worker.call('ask', { databasePath, questions, seconds: bench.seconds(SECONDS / 2) }),
      bench.options.node,
    );
  const rows: Row[] = [];
  for (const asked of throughputCases()) {
    bench.progress(`query: ${asked.measure}`);
    await verify(server, asked);
    const { perSecond, latencyMs } = await bench.withWorker<RequestLoad, Awaited<ReturnType<RequestLoad['run']>>>(
      'load-requests',
      async (load) => {
        const requests = { paths: asked.paths };
        const seconds = bench.seconds(SECONDS);
        const { port } = server;
        const figures = await load.call('run', { port, key: API_KEY, connections: CONNECTIONS, seconds, requests });
        if (figures.statuses[200] !== figures.requests) {
          throw new Error(`${asked.measure}: answered ${JSON.stringify(figures.statuses)}`);
        }
        return figures;
      },
    );
    const directly = await askDuckDb(asked.questions);
    const directRate = 1000 / directly.p50;
    rows.push({
      measure: asked.measure,
      shown: `${amount(perSecond, 'req/s')}, p50 / p99 ${amount(latencyMs.p50, 'ms')} / ${amount(latencyMs.p99, 'ms')}`,
      ceilings: [
        {
          name: 'DuckDB directly, one at a time',
          shown: amount(directRate, 'a second'),
          ratio: perSecond / directRate,
        },
      ],
      goal: asked.goal(perSecond, latencyMs),
    });
  }
  for (const asked of latencyCases(corpus)) {
    bench.progress(`query: ${asked.measure}`);
    await verify(server, asked);
    const latencyMs = await askInTurn(server, asked.paths, bench.seconds(SECONDS / 2));
    const directly = await askDuckDb(asked.questions);
    rows.push({
      measure: asked.measure,
      shown: `p50 / p99 ${amount(latencyMs.p50, 'ms')} / ${amount(latencyMs.p99, 'ms')}`,
      ceilings: [
        {
          name: 'DuckDB directly',
          shown: `${amount(directly.p50, 'ms')} / ${amount(directly.p99, 'ms')}`,
          ratio: directly.p50 / latencyMs.p50,
        },
      ],
      ...(asked.goal === undefined ? {} : { goal: asked.goal(latencyMs) }),
    });
  }
  return rows;
}

function throughputCases(): readonly Throughput[] {
  const pairs = SERVICES.slice(0, 8).flatMap((service) =>
    (['info', 'error'] as const).map((level) => ({ service, level })),
  );
  const filter = 'WHERE service = ? AND level = ?';
  return [
    {
      measure: `newest ${PAGE} of a service and level, with total, ${CONNECTIONS} connections`,
      paths: pairs.map(({ service, level }) => `/api/logs?service=${service}&level=${level}&limit=${PAGE}`),
      questions: pairs.map(({ service, level }) => pageQuestion(filter, [service, LEVELS.indexOf(level)])),
      goal: (perSecond, { p99 }) => all(atLeast(perSecond, 2400, 'req/s'), atMost(p99, 50, 'ms p99')),
    },
    {
      measure: `newest ${PAGE} unfiltered, with total, ${CONNECTIONS} connections`,
      paths: [`/api/logs?limit=${PAGE}`],
      questions: [pageQuestion('', [])],
      goal: (perSecond) => atLeast(perSecond, 2400, 'req/s'),
    },
  ];
}

function latencyCases({ fromMs, toMs, traceIds }: Corpus): readonly Latency[] {
  // Another word each time, so that no answer can be remembered.
  const absent = Array.from({ length: 50 }, (_, number) => `nowhere${number}`);
  const patterns = Array.from({ length: 10 }, (_, digit) => `order 1${digit}\\d{4} paid, 4\\d\\d\\.`);
  const holds = "WHERE message ILIKE '%' || ? || '%'";
  const iso = (ms: number) => new Date(ms).toISOString();
  const span = toMs - fromMs;
  const ranges = Array.from({ length: 40 }, (_, number) => ({
    service: SERVICES[number % SERVICES.length] ?? '',
    from: Math.round(fromMs + (span * number) / 50),
  }));
  return [
    {
      measure: `newest ${PAGE} of a service within a range of time, with total`,
      paths: ranges.map(({ service, from }) => `/api/logs?service=${service}&from=${iso(from)}&limit=${PAGE}`),
      questions: ranges.map(({ service, from }) =>
        pageQuestion('WHERE service = ? AND timestamp >= ?', [service, from]),
      ),
    },
    {
      measure: 'count of two levels, whole range',
      paths: ['/api/logs?level=error,fatal&limit=1'],
      questions: [[{ sql: 'SELECT count(*) FROM events WHERE level IN (3, 4)', values: [] }]],
    },
    {
      measure: 'histogram, 1 m by level, whole range',
      paths: [`/api/logs/histogram?interval=1m&by=level&from=${iso(fromMs)}&to=${iso(toMs + 1)}`],
      questions: [
        [
          {
            sql: 'SELECT timestamp // 60000 AS minute, level, count(*) FROM events WHERE timestamp BETWEEN ? AND ? GROUP BY ALL ORDER BY ALL',
            values: [fromMs, toMs],
          },
        ],
      ],
    },
    {
      measure: 'absent word',
      paths: absent.map((word) => `/api/logs?q=${word}`),
      questions: absent.map((word) => pageQuestion(holds, [word])),
      total: 0,
      goal: ({ p50 }) => atMost(p50, 40, 'ms p50'),
    },
    {
      measure: `word in ${RARE_EVENTS} events`,
      paths: [`/api/logs?q=${RARE_WORD}`],
      questions: [pageQuestion(holds, [RARE_WORD])],
      total: RARE_EVENTS,
    },
    {
      measure: 'regular expression',
      paths: patterns.map((pattern) => `/api/logs?regex=${encodeURIComponent(pattern)}`),
      questions: patterns.map((pattern) => pageQuestion('WHERE regexp_matches(message, ?)', [pattern])),
    },
    {
      measure: 'one trace',
      paths: traceIds.map((id) => `/api/logs?trace_id=${id}`),
      questions: traceIds.map((id) => pageQuestion('WHERE trace_id = ?', [id])),
      total: 8,
    },
  ];
}

/** The newest matching events and how many there are. */
export function pageQuestion(where: string, values: readonly (string | number)[]): Question {
  return [
    { sql: `SELECT * FROM events ${where} ${NEWEST}`, values },
    { sql: `SELECT count(*) FROM events ${where}`, values },
  ];
}

export async function verify(server: Server, { measure, paths: [path = ''], total }: Case): Promise<void> {
  const reply = (await server.get(path)) as { total?: number };
  if (total !== undefined && reply.total !== total) {
    throw new Error(`${measure}: found ${reply.total} events instead of ${total}`);
  }
}

/** One question after the other; milliseconds each. */
export async function askInTurn(server: Server, paths: readonly string[], seconds: number): Promise<Summary> {
  const connection = await HttpConnection.open(server.port);
  const requests = paths.map((path) => requestBytes('GET', path, API_KEY));
  const latencies: number[] = [];
  const ends = performance.now() + seconds * 1000;
  for (let number = 0; number < requests.length || performance.now() < ends; number++) {
    const began = performance.now();
    const reply = await connection.request(...(requests[number % requests.length] ?? []));
    latencies.push(performance.now() - began);
    if (reply.status !== 200) throw new Error(`${paths[number % paths.length]} was answered ${reply.status}`);
  }
  connection.close();
  return summarize(latencies);
}
