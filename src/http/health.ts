import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { Store } from '../store/store.ts';
import { VERSION } from '../version.ts';

/** A check that takes longer has failed: a load balancer would not wait either. */
const READY_WITHIN_MS = 2000;

const Health = Type.Object({
  status: Type.Literal('ok'),
  service: Type.Literal('lightwatch'),
  version: Type.String(),
  uptime_s: Type.Integer(),
});

const Readiness = Type.Object({
  status: Type.Union([Type.Literal('ready'), Type.Literal('not_ready')]),
  checks: Type.Record(Type.String(), Type.String({ description: '`ok`, or what is wrong' })),
});

const Stats = Type.Object(
  { version: Type.String(), uptime_s: Type.Integer(), roles: Type.Array(Type.String()) },
  { additionalProperties: true, description: 'And one object for each part: store, bus, http, ingest, …' },
);

interface HealthParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly store: Store;
  /** Whether the process has begun to shut down. */
  readonly closing: () => boolean;
}

/** Whether the process lives, whether it can work, and how it is doing. */
export function registerHealth(app: FastifyInstance, { config, clock, store, closing }: HealthParts): void {
  const startedAt = clock.now();
  const uptimeS = () => Math.max(0, Math.floor((clock.now() - startedAt) / 1000));
  const open = { scope: 'public', rateLimit: false } as const;

  for (const url of ['/health', '/api/health']) {
    const schema = { tags: ['health'], summary: 'Whether the process lives', security: [], response: { 200: Health } };
    app.get(url, { config: open, schema }, () => ({
      status: 'ok',
      service: 'lightwatch',
      version: VERSION,
      uptime_s: uptimeS(),
    }));
  }

  const readySchema = {
    tags: ['health'],
    summary: 'Whether it can take requests',
    security: [],
    response: { 200: Readiness, 503: Readiness },
  };
  app.get('/ready', { config: open, schema: readySchema }, async (_request, reply) => {
    const checks = {
      server: closing() ? 'shutting down' : 'ok',
      store: await answersInTime(store, clock),
    };
    const ready = Object.values(checks).every((result) => result === 'ok');
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not_ready', checks });
  });

  for (const url of ['/stats', '/api/stats']) {
    const schema = { tags: ['health'], summary: 'Figures of this replica', response: { 200: Stats } };
    app.get(url, { config: { scope: 'read' }, schema }, () => ({
      version: VERSION,
      uptime_s: uptimeS(),
      roles: config.roles,
      ...app.stats.snapshot(),
    }));
  }
}

/** `ok`, or a word on what is wrong. Why exactly is for the log, not for everyone who may ask. */
async function answersInTime(store: Store, clock: Clock): Promise<string> {
  return new Promise((resolve) => {
    const timer = clock.after(READY_WITHIN_MS, () => resolve('did not answer in time'));
    store
      .check()
      .then(
        () => resolve('ok'),
        () => resolve('unavailable'),
      )
      .finally(() => timer.cancel());
  });
}
