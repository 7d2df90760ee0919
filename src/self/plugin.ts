import { hostname } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Health } from '../../schemas/heartbeat.ts';
import type { Clock } from '../core/clock.ts';
import type { EventOf } from '../core/event.ts';
import type { ModuleContext } from '../http/module.ts';
import type { Store } from '../store/store.ts';
import { VERSION } from '../version.ts';
import { selfLine } from './log-line.ts';
import type { LogTap } from './log-tap.ts';
import { type RecordEvents, safely } from './safe-record.ts';
import { SelfLog } from './self-log.ts';

export interface SelfOptions extends ModuleContext {
  /** Stores events like those of any sender. */
  readonly record: RecordEvents;
  /** Where warnings and errors of the process can be heard; without it only requests are reported. */
  readonly tap?: LogTap;
}

const SERVICE = 'lightwatch';
/** Heartbeats and metrics. */
const REPORT_MS = 15_000;
/** A store that takes longer to answer is not well. */
const CHECK_WITHIN_MS = 2000;
/** Neither starting nor stopping waits longer than this for its own line. */
const OWN_LINE_WITHIN_MS = 1000;
/** Figures of one report. */
const MAX_FIGURES = 200;
/** How finely the event loop's delay is sampled: each sample wakes the process. */
const LOOP_SAMPLE_MS = 50;
/** Asked so often by machines that only their failures are news. */
const ROUTINE = new Set(['/health', '/api/health', '/ready', '/metrics', '/stats', '/api/stats']);

/**
 * Lightwatch as a service of its own: that it started, that it lives, how it is, what it was asked and what went wrong.
 * It must be registered before the modules whose requests it reports. It never fails the server.
 */
export const selfModule = Object.assign(plugin, {
  // Its hooks are for the whole server, not for routes of its own.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'self',
});

async function plugin(app: FastifyInstance, { config, store, clock, record: unsafe, tap }: SelfOptions): Promise<void> {
  const host = hostname() || 'localhost';
  const roles = config.roles.join(',');
  const record = safely(unsafe, clock);
  const log = new SelfLog(record, clock, host);
  const loop = monitorEventLoopDelay({ resolution: LOOP_SAMPLE_MS });
  const common = { service: SERVICE, host };

  const report = async () => {
    const timestamp = clock.now();
    const status = await healthOf(store, clock);
    await record('heartbeat', [{ ...common, timestamp, status, version: VERSION, tags: { roles } }]);
    const metrics = figures(app, loop.percentile(99)).map((figure) => ({ ...common, ...figure, timestamp }));
    loop.reset();
    await record('metric', metrics);
  };

  let stopped = false;
  let timer = clock.after(REPORT_MS, again);
  function again(): void {
    void report().finally(() => {
      if (!stopped) timer = clock.after(REPORT_MS, again);
    });
  }

  app.addHook('onReady', async () => {
    loop.enable();
    tap?.listen((line) => {
      const said = selfLine(line);
      if (said !== undefined) log.add(said);
    });
    log.add({
      level: 'info',
      message: `Lightwatch ${VERSION} started`,
      meta: { roles, pid: process.pid, node: process.version },
      sort: 'started',
    });
    await inTime(clock, log.flush());
    void report();
  });

  app.addHook('onResponse', (request, reply, done) => {
    const line = requestLine(request, reply);
    if (line !== undefined) log.add(line);
    done();
  });

  // Before the server stops to listen: what is recorded now is still stored.
  app.addHook('preClose', async () => {
    stopped = true;
    timer.cancel();
    loop.disable();
    tap?.listen(undefined);
    log.add({
      level: 'info',
      message: `Lightwatch ${VERSION} is stopping`,
      meta: { roles, pid: process.pid },
      sort: 'stopping',
    });
    await inTime(clock, log.close());
  });
}

/** Sent by the page along with what it asks. */
const PAGE_HEADER = 'x-lightwatch-page';

/**
 * A request worth a line. Ingest, probes, the files of the page and what the page reads again and again are told only
 * when they fail: there are too many of them.
 */
function requestLine(request: FastifyRequest, reply: FastifyReply) {
  const { statusCode: status } = reply;
  // The route, never the URL: what stands in a query string may be secret.
  const route = request.is404 ? 'an unknown route' : (request.routeOptions.url ?? 'an unknown route');
  const isPublic = request.routeOptions.config.scope === 'public';
  const isPageReading = request.method === 'GET' && request.headers[PAGE_HEADER] !== undefined;
  const routine =
    isPublic || isPageReading || ROUTINE.has(route) || route.startsWith('/ingest') || request.method === 'OPTIONS';
  if (status < 400 && routine) return undefined;
  const durationMs = Math.round(reply.elapsedTime * 10) / 10;
  const level = status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info';
  return {
    level,
    message: `${request.method} ${route} ${status} in ${durationMs} ms`,
    meta: { method: request.method, route, status, duration_ms: durationMs, request_id: request.id },
    sort: `${request.method} ${route} ${status}`,
  } as const;
}

type Figure = Pick<EventOf<'metric'>, 'name' | 'value' | 'unit' | 'metric_type'>;

/** Every number that the modules report, and those of the process. */
function figures(app: FastifyInstance, loopDelayNs: number): readonly Figure[] {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const own: readonly Figure[] = [
    { name: 'process_resident_memory_bytes', value: rss, unit: 'bytes', metric_type: 'gauge' },
    { name: 'nodejs_heap_used_bytes', value: heapUsed, unit: 'bytes', metric_type: 'gauge' },
    { name: 'process_cpu_seconds_total', value: (user + system) / 1e6, unit: 'seconds', metric_type: 'counter' },
    { name: 'nodejs_eventloop_lag_p99_seconds', value: loopDelayNs / 1e9, unit: 'seconds', metric_type: 'gauge' },
  ];
  const reported = Array.from(app.stats.numbers(), ({ name, value, counter }): Figure => {
    return { name: counter ? `${name}_total` : name, value, metric_type: counter ? 'counter' : 'gauge' };
  });
  return [...own, ...reported].filter(({ value }) => Number.isFinite(value)).slice(0, MAX_FIGURES);
}

async function healthOf(store: Store, clock: Clock): Promise<Health> {
  let healthy = false;
  await inTime(
    clock,
    store.check().then(
      () => {
        healthy = true;
      },
      () => undefined,
    ),
    CHECK_WITHIN_MS,
  );
  return healthy ? 'healthy' : 'degraded';
}

/** Resolves with `task`, or when it has had its time. */
function inTime(clock: Clock, task: Promise<void>, withinMs = OWN_LINE_WITHIN_MS): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(withinMs, resolve);
    void task.finally(() => {
      timer.cancel();
      resolve();
    });
  });
}
