import { monitorEventLoopDelay } from 'node:perf_hooks';
import type {} from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Upper bounds of the buckets of request durations, in seconds. */
const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The status under which a request counts whose client went before it was answered: the number that nginx uses. */
const CLIENT_GONE = 499;

/** How finely the event loop's delay is sampled: each sample wakes the process. */
const LOOP_SAMPLE_MS = 50;

/** Requests of one route: how many by status, and how long they took. */
class RouteTimes {
  readonly byStatus = new Map<number, number>();
  /** One count per bucket, and one for what is slower than all. */
  readonly buckets = new Array<number>(BUCKETS_S.length + 1).fill(0);
  count = 0;
  sumS = 0;

  add(status: number, seconds: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
    const found = BUCKETS_S.findIndex((bound) => seconds <= bound);
    const bucket = found === -1 ? BUCKETS_S.length : found;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.count += 1;
    this.sumS += seconds;
  }
}

/**
 * `GET /metrics` in Prometheus text: requests by route and status, the process, and every number of `/stats`.
 * Series are bounded by the routes there are: what matches none is counted as one.
 */
export function registerMetrics(app: FastifyInstance): void {
  const routes = new Map<string, RouteTimes>();
  const loop = monitorEventLoopDelay({ resolution: LOOP_SAMPLE_MS });
  loop.enable();
  app.addHook('onClose', async () => {
    loop.disable();
  });

  let requests = 0;
  let failed = 0;
  const count = (request: FastifyRequest, status: number, elapsedMs: number) => {
    request.counted = true;
    const route = request.is404 ? 'unmatched' : `${request.method} ${request.routeOptions.url}`;
    const times = routes.get(route) ?? new RouteTimes();
    if (times.count === 0) routes.set(route, times);
    times.add(status, elapsedMs / 1000);
    requests += 1;
    if (status >= 500) failed += 1;
  };
  app.decorateRequest('counted', false);
  app.addHook('onResponse', (request, reply, done) => {
    if (!request.counted) count(request, reply.statusCode, reply.elapsedTime);
    done();
  });
  // That hook never comes for a client that drops its connection.
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.on('close', () => {
      const { headersSent, statusCode } = reply.raw;
      const upgraded = request.ws === true;
      if (!request.counted && !upgraded) count(request, headersSent ? statusCode : CLIENT_GONE, reply.elapsedTime);
    });
    done();
  });
  app.stats.add('http', () => ({ requests, failed }), { counters: ['requests', 'failed'] });

  const schema = { tags: ['health'], summary: 'Figures in Prometheus text format' };
  app.get('/metrics', { config: { scope: 'read' }, schema }, (_request, reply) => {
    const lines = [...processLines(loop.percentile(99) / 1e9), ...routeLines(routes), ...registryLines(app)];
    loop.reset();
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(`${lines.join('\n')}\n`);
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    counted: boolean;
  }
}

function* processLines(loopDelayS: number): Iterable<string> {
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  yield* family('process_resident_memory_bytes', 'gauge', 'Resident memory', rss);
  yield* family('nodejs_heap_used_bytes', 'gauge', 'Memory in use by JavaScript', heapUsed);
  yield* family('nodejs_external_memory_bytes', 'gauge', 'Memory of buffers outside the heap', external);
  yield* family('process_cpu_seconds_total', 'counter', 'Processor time used', (user + system) / 1e6);
  const help = 'Delay of the event loop, 99th percentile since the last scrape';
  yield* family('nodejs_eventloop_lag_p99_seconds', 'gauge', help, Number.isNaN(loopDelayS) ? 0 : loopDelayS);
}

function* routeLines(routes: ReadonlyMap<string, RouteTimes>): Iterable<string> {
  yield '# HELP lightwatch_http_responses_total Responses by route and status';
  yield '# TYPE lightwatch_http_responses_total counter';
  for (const [route, { byStatus }] of routes) {
    for (const [status, count] of byStatus) {
      yield `lightwatch_http_responses_total{${routeLabels(route)},status="${status}"} ${count}`;
    }
  }
  yield '# HELP lightwatch_http_request_duration_seconds Time from a request to the end of its response';
  yield '# TYPE lightwatch_http_request_duration_seconds histogram';
  for (const [route, times] of routes) {
    const labels = routeLabels(route);
    let below = 0;
    for (const [index, count] of times.buckets.entries()) {
      below += count;
      yield `lightwatch_http_request_duration_seconds_bucket{${labels},le="${BUCKETS_S[index] ?? '+Inf'}"} ${below}`;
    }
    yield `lightwatch_http_request_duration_seconds_sum{${labels}} ${times.sumS}`;
    yield `lightwatch_http_request_duration_seconds_count{${labels}} ${times.count}`;
  }
}

function* registryLines(app: FastifyInstance): Iterable<string> {
  for (const { name, value, counter } of app.stats.numbers()) {
    const metric = `lightwatch_${name}${counter ? '_total' : ''}`;
    yield `# TYPE ${metric} ${counter ? 'counter' : 'gauge'}`;
    yield `${metric} ${value}`;
  }
}

function family(name: string, type: string, help: string, value: number): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`];
}

function routeLabels(route: string): string {
  const [method = '', url] = route.split(' ');
  return url === undefined ? `route="${method}"` : `method="${method}",route="${escapeLabel(url)}"`;
}

const escapeLabel = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
