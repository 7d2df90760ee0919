import type { Bench } from './bench.ts';
import type { Ceilings, Question } from './ceilings.ts';
import { RARE_EVENTS, RARE_WORD, SERVICES } from './corpus.ts';
import { METRIC, type Week, type WeekFiller } from './fill-week.ts';
import type { RequestLoad } from './load-requests.ts';
import { askInTurn, type Case, pageQuestion, verify } from './query.ts';
import { all, amount, atLeast, atMost, type Goal, type Row } from './report.ts';
import { API_KEY } from './server.ts';
import type { Summary } from './statistics.ts';

const CONNECTIONS = 16;
const SECONDS = 3;
const DAY_MS = 86_400_000;
const EXPORTED = 1_000_000;

interface Latency extends Case {
  readonly mostMs: number;
}

/** Questions to a week of events in a file a day, each beside the same question asked of DuckDB on the same files. */
export async function week(bench: Bench): Promise<Row[]> {
  const events = bench.options.weekEvents;
  const dataDir = bench.path('week');
  const filled = await bench.withWorker<WeekFiller, { readonly stored: Week; readonly scan: ScanFigures }>(
    'fill-week',
    async (worker) => {
      bench.progress(`week: storing ${amount(events, 'events')}`);
      const stored = await worker.call('fill', { dataDir, events, endMs: Date.now() });
      bench.progress('week: reading all of a million');
      return { stored, scan: await worker.call('scan', { dataDir, events: Math.min(EXPORTED, events) }) };
    },
    bench.options.node,
  );
  const cases = latencyCases(filled.stored);
  bench.progress('week: asking DuckDB directly');
  const directly = await bench.withWorker<Ceilings, Summary[]>(
    'ceilings',
    async (worker) => {
      const summaries: Summary[] = [];
      for (const { questions } of cases) {
        summaries.push(await worker.call('ask', { dataDir, questions, seconds: bench.seconds(SECONDS / 2) }));
      }
      return summaries;
    },
    bench.options.node,
  );
  const server = await bench.startServer(dataDir);
  const rows: Row[] = [
    {
      measure: `listening, a week of ${amount(events, 'events')}`,
      shown: amount(server.startMs / 1000, 's'),
      goal: atMost(server.startMs / 1000, 3, 's'),
    },
    await newestPages(bench, server.port),
  ];
  for (const [index, asked] of cases.entries()) {
    bench.progress(`week: ${asked.measure}`);
    await verify(server, asked);
    const latency = await askInTurn(server, asked.paths, bench.seconds(SECONDS));
    const direct = directly[index]?.p50 ?? 0;
    rows.push({
      measure: asked.measure,
      shown: `p50 / p99 ${amount(latency.p50, 'ms')} / ${amount(latency.p99, 'ms')}`,
      ceilings: [{ name: 'DuckDB directly', shown: amount(direct, 'ms'), ratio: direct / latency.p50 }],
      goal: all(atMost(latency.p50, asked.mostMs, 'ms p50'), besideDuckDb(latency.p50, direct)),
    });
  }
  await bench.retire(server, 'a week of events');
  return [...rows, scanRow(filled.scan)];
}

/** At most 1.3 times as long. */
function besideDuckDb(ms: number, direct: number): Goal {
  return { shown: '≤ 1.3 × DuckDB', met: ms <= 1.3 * direct };
}

export interface ScanFigures {
  readonly events: number;
  readonly seconds: number;
  /** How much the process grew between the first tenth and the end, bytes. */
  readonly grownBytes: number;
}

function scanRow({ events, seconds, grownBytes }: ScanFigures): Row {
  const perSecond = events / seconds;
  return {
    measure: `${amount(events, 'events')} in order, as an export reads them`,
    shown: `${amount(perSecond, 'events/s')}, memory + ${amount(grownBytes / 2 ** 20, 'MiB')}`,
    goal: all(atLeast(perSecond, 150_000, 'events/s'), atMost(grownBytes / 2 ** 20, 64, 'MiB')),
  };
}

async function newestPages(bench: Bench, port: number): Promise<Row> {
  bench.progress('week: newest pages');
  const paths = SERVICES.slice(0, 8).flatMap((service) =>
    ['info', 'error'].map((level) => `/api/logs?service=${service}&level=${level}&limit=50`),
  );
  const figures = await bench.withWorker<RequestLoad, Awaited<ReturnType<RequestLoad['run']>>>(
    'load-requests',
    (load) =>
      load.call('run', {
        port,
        key: API_KEY,
        connections: CONNECTIONS,
        seconds: bench.seconds(SECONDS),
        requests: { paths },
      }),
  );
  const { perSecond, latencyMs, statuses } = figures;
  if (statuses[200] !== figures.requests) throw new Error(`newest pages: answered ${JSON.stringify(statuses)}`);
  return {
    measure: `newest 50 of a service and level, with total, ${CONNECTIONS} connections`,
    shown: `${amount(perSecond, 'req/s')}, p50 / p99 ${amount(latencyMs.p50, 'ms')} / ${amount(latencyMs.p99, 'ms')}`,
    goal: all(atLeast(perSecond, 2400, 'req/s'), atMost(latencyMs.p99, 15, 'ms p99')),
  };
}

function latencyCases({ events, fromMs, toMs, traceIds }: Week): readonly Latency[] {
  const absent = Array.from({ length: 50 }, (_, number) => `nowhere${number}`);
  const patterns = Array.from({ length: 10 }, (_, digit) => `order 1${digit}\\d{4} paid, 4\\d\\d\\.`);
  const holds = "WHERE message ILIKE '%' || ? || '%'";
  const iso = (ms: number) => new Date(ms).toISOString();
  // Another day's length each time, that no answer can be remembered and no edge is a whole minute.
  const days = Array.from({ length: 20 }, (_, number) => ({
    from: toMs - DAY_MS - number * 777,
    to: toMs - number * 777,
  }));
  const range = ({ from, to }: { from: number; to: number }) => `from=${iso(from)}&to=${iso(to)}`;
  const overDays = (path: string, sql: string) => ({
    paths: days.map((day) => `${path}&${range(day)}`),
    questions: days.map(({ from, to }): Question => [{ sql, values: [from, to] }]),
  });
  const within = 'timestamp >= ? AND timestamp < ?';
  const top = (field: string) =>
    `SELECT ${field}, count(*) FROM events WHERE ${within} GROUP BY 1 ORDER BY 2 DESC LIMIT 10`;
  const facets = ['service', 'level', 'host', 'trace_id', 'tags.region'];
  const sets = `SELECT service, level, host, trace_id, tags['region'] AS region, count(*) AS n FROM events WHERE ${within}
    GROUP BY GROUPING SETS ((service), (level), (host), (trace_id), (region)) ORDER BY n DESC LIMIT 50`;
  const aggregate = `/api/metrics/aggregate?name=${METRIC}&fn=p50,p95,p99&step=5m&group_by=service`;
  return [
    {
      measure: 'histogram of 24 h, 5 m by level',
      ...overDays(
        '/api/logs/histogram?interval=5m&by=level',
        `SELECT timestamp // 300000 AS step, level, count(*) FROM events WHERE ${within} GROUP BY ALL ORDER BY ALL`,
      ),
      mostMs: 20,
    },
    {
      measure: 'absent word',
      paths: absent.map((word) => `/api/logs?q=${word}`),
      questions: absent.slice(0, 2).map((word) => pageQuestion(holds, [word])),
      total: 0,
      mostMs: 5,
    },
    {
      measure: `word in ${RARE_EVENTS} events`,
      paths: [`/api/logs?q=${RARE_WORD}`],
      questions: [pageQuestion(holds, [RARE_WORD])],
      total: Math.min(RARE_EVENTS, events),
      mostMs: 25,
    },
    {
      measure: 'regular expression over everything',
      paths: patterns.map((pattern) => `/api/logs?regex=${encodeURIComponent(pattern)}`),
      questions: patterns.slice(0, 2).map((pattern) => pageQuestion('WHERE regexp_matches(message, ?)', [pattern])),
      mostMs: 700,
    },
    {
      measure: 'one trace',
      paths: traceIds.map((id) => `/api/logs?trace_id=${id}`),
      questions: traceIds.slice(0, 20).map((id) => pageQuestion('WHERE trace_id = ?', [id])),
      total: 8,
      mostMs: 10,
    },
    { measure: 'top 10 services of 24 h', ...overDays('/api/logs/facets?fields=service', top('service')), mostMs: 10 },
    { measure: 'top 10 hosts of 24 h', ...overDays('/api/logs/facets?fields=host', top('host')), mostMs: 10 },
    {
      measure: 'facets of 24 h, five fields',
      ...overDays(`/api/logs/facets?fields=${facets.join(',')}`, sets),
      mostMs: 150,
    },
    {
      measure: 'p50, p95, p99 of a metric by service over 7 days at 5 m',
      paths: [`${aggregate}&${range({ from: fromMs, to: toMs })}`],
      questions: [
        [
          {
            sql: `SELECT timestamp // 300000 AS step, service, quantile_cont(value, [0.5, 0.95, 0.99]) FROM metrics
              WHERE name = ? AND ${within} GROUP BY ALL ORDER BY ALL`,
            values: [METRIC, fromMs, toMs],
          },
        ],
      ],
      mostMs: 100,
    },
  ];
}
