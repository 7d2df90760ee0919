import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { schedule } from 'node-cron';
import { type DestinationStream, destination } from 'pino';
import { alertModule } from './alert/plugin.ts';
import { openBus } from './bus/open-bus.ts';
import { CLOSE_WITHIN_MS, Closers } from './closers.ts';
import type { Config, Role } from './config.ts';
import { type Clock, systemClock } from './core/clock.ts';
import { diskForecast } from './core/disk-forecast.ts';
import type { Leadership } from './core/leadership.ts';
import { dashboardModule } from './dashboard/plugin.ts';
import { type DoorTimeouts, openDoor } from './http/door.ts';
import { drainer } from './http/drain.ts';
import { registerHealth } from './http/health.ts';
import { registerMetrics } from './http/metrics.ts';
import type { ModuleContext } from './http/module.ts';
import { ingestModule } from './ingest/plugin.ts';
import { Recorder } from './ingest/recorder.ts';
import { openLeadership } from './leadership/open-leadership.ts';
import { createLog } from './log.ts';
import { queryModule } from './query/plugin.ts';
import { realtimeModule } from './realtime/plugin.ts';
import { RedisLock } from './redis/lock.ts';
import { RateCounter } from './redis/rate-counter.ts';
import { Retention } from './retention.ts';
import { LogTap } from './self/log-tap.ts';
import { selfModule } from './self/plugin.ts';
import type { RecordEvents } from './self/safe-record.ts';
import { openStore } from './store/open-store.ts';

/** The file descriptor that the log goes to unless told otherwise. */
const STDOUT = 1;

/** Once an hour, at an odd minute: many servers do things at full hours. */
const RETENTION_SCHEDULE = '17 * * * *';

/** The key of Redis that the replica has which evaluates rules. */
const ALERT_LOCK = 'lock:alert';

export interface AppOptions {
  readonly config: Config;
  readonly clock?: Clock;
  /** Where the log goes instead of stdout. */
  readonly logDestination?: DestinationStream;
  readonly timeouts?: DoorTimeouts;
  /** Whether it reports itself as the service `lightwatch`; tests that count events leave it out. */
  readonly reportSelf?: boolean;
}

/** A whole Lightwatch, open but not listening yet. */
export interface App {
  /** For `inject` in tests. */
  readonly fastify: FastifyInstance;
  readonly log: FastifyBaseLogger;
  readonly config: Config;
  /** `http://127.0.0.1:3000`; throws before `listen`. */
  readonly address: string;
  /** Starts to listen and resolves to `address`. */
  listen(): Promise<string>;
  /**
   * Stops taking requests, finishes those that are under way, then closes modules, bus and store: within
   * `CLOSE_WITHIN_MS`, whatever happens; resolves to whether all of it has ended. Calling it again waits for the same end.
   */
  close(): Promise<boolean>;
}

/**
 * The composition root: the one place that opens adapters and knows all modules.
 * Rejects, with everything closed again, when a part cannot be opened.
 */
export async function buildApp(options: AppOptions): Promise<App> {
  const { config, clock = systemClock, timeouts, reportSelf = false } = options;
  const tap = new LogTap(options.logDestination ?? destination(STDOUT));
  const log = createLog(config, tap);
  const closers = new Closers(log);
  try {
    const store = await openStore(config, clock, log);
    closers.add('store', () => store.close());
    const bus = await openBus(config, clock, log);
    closers.add('bus', () => bus.close());

    const redis =
      config.redisUrl === undefined
        ? undefined
        : (await import('./redis/connection.ts')).connect({ url: config.redisUrl, name: 'lightwatch-shared', log });
    if (redis !== undefined) closers.add('redis', async () => redis.disconnect());

    const recorder = new Recorder(store, bus, clock);
    closers.add('recorder', () => recorder.drain());
    const leadership = openLeadership({
      store,
      clock,
      log,
      name: 'alert',
      leaseMs: config.alertLeaseMs,
      stands: config.roles.includes('alert'),
      lock: redis && ((holder) => new RedisLock({ redis, key: ALERT_LOCK, holder, leaseMs: config.alertLeaseMs })),
    });
    closers.add('leadership', () => leadership.stop());
    const retention = new Retention(store, config, clock, log);
    closers.add('retention', () => retention.stop());

    const closing = () => closers.begun;
    const sharedCounter = redis === undefined ? undefined : new RateCounter(redis, clock);
    const fastify = await openDoor({
      config,
      clock,
      log,
      closing,
      sharedCounter,
      ...(timeouts !== undefined && { timeouts }),
    });
    closers.add('server', drainer(fastify, clock));

    fastify.stats.add('store', () => {
      const { disk, ...figures } = store.stats();
      return figures;
    });
    fastify.stats.add('disk', () => {
      const { disk } = store.stats();
      return disk === undefined ? {} : { ...diskForecast(disk, config.retentionMs, clock.now()) };
    });
    fastify.stats.add('bus', () => ({ ...bus.stats() }), { counters: ['published', 'dropped', 'gaps'] });
    fastify.stats.add('retention', () => retention.stats(), { counters: ['runs', 'failed', 'deletedEvents'] });
    registerHealth(fastify, { config, clock, store, closing });
    registerMetrics(fastify);

    const context: ModuleContext = { config, store, bus, clock };
    // First, so that it sees the requests of all others.
    const record: RecordEvents = (kind, events) => recorder.record(kind, events);
    if (reportSelf) await fastify.register(selfModule, { ...context, record, tap });
    await registerModules(fastify, context, recorder, leadership);
    await fastify.ready();

    const hourly = schedule(RETENTION_SCHEDULE, () => retention.sweepAndLog());
    closers.add('schedule', async () => hourly.destroy());
    void retention.sweepAndLog();

    return {
      fastify,
      log,
      config,
      get address() {
        return addressOf(fastify);
      },
      async listen() {
        await fastify.listen({ host: config.host, port: config.port });
        return addressOf(fastify);
      },
      close: () => closers.close(clock, CLOSE_WITHIN_MS),
    };
  } catch (error) {
    await closers.close(clock, CLOSE_WITHIN_MS);
    throw error;
  }
}

/** Registers what the roles of this replica ask for. */
async function registerModules(
  fastify: FastifyInstance,
  context: ModuleContext,
  recorder: Recorder,
  leadership: Leadership,
): Promise<void> {
  const has = (role: Role) => context.config.roles.includes(role);
  if (has('ingest')) await fastify.register(ingestModule, { ...context, recorder });
  if (has('query')) await fastify.register(queryModule, context);
  if (has('realtime')) await fastify.register(realtimeModule, context);
  if (has('alert')) await fastify.register(alertModule, { ...context, leadership });
  if (has('dashboard')) await fastify.register(dashboardModule, context);
}

function addressOf(fastify: FastifyInstance): string {
  const bound = fastify.server.address();
  if (bound === null || typeof bound === 'string') throw new Error('BUG: the server does not listen on a port yet');
  return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
}
