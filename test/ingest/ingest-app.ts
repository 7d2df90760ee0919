import type { TestContext } from 'node:test';
import type { InjectOptions } from 'fastify';
import { InProcessBus } from '../../src/bus/in-process/in-process-bus.ts';
import { readConfig } from '../../src/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openDoor } from '../../src/http/door.ts';
import { registerMetrics } from '../../src/http/metrics.ts';
import { ingestModule } from '../../src/ingest/plugin.ts';
import { Recorder } from '../../src/ingest/recorder.ts';
import { createLog } from '../../src/log.ts';
import type { Store } from '../../src/store/store.ts';
import { memoryStore } from '../fixtures/memory-store.ts';

/** The ingest module behind the real door over any store, and its warnings and errors. Closed after the test. */
export async function ingestApp(t: TestContext, store: Store = memoryStore()) {
  const clock = systemClock;
  const config = readConfig({ LOG_LEVEL: 'warn' });
  const logged: string[] = [];
  const log = createLog(config, { write: (line) => logged.push(line) });
  const app = await openDoor({ config, clock, log, closing: () => false });
  t.after(() => {
    app.server.closeAllConnections();
    return app.close();
  });
  registerMetrics(app);
  const bus = new InProcessBus(log);
  await app.register(ingestModule, { config, store, bus, clock, recorder: new Recorder(store, bus, clock) });
  await app.ready();
  return { app, logged };
}

export const JSON_TYPE = { 'content-type': 'application/json' };
export const NDJSON_TYPE = { 'content-type': 'application/x-ndjson' };

/** A request with `payload` as JSON, or as it is when it is text or bytes already. */
export function post(url: string, payload: unknown, headers: Readonly<Record<string, string>> = {}): InjectOptions {
  const raw = typeof payload === 'string' || Buffer.isBuffer(payload);
  return {
    method: 'POST',
    url,
    headers: { ...JSON_TYPE, ...headers },
    payload: raw ? payload : JSON.stringify(payload),
  };
}

/** NDJSON of these values; text stands for itself. */
export function lines(...values: readonly unknown[]): string {
  return values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('\n');
}

/** The least an event of each kind may have. */
export const LEAST = {
  log: { service: 'pay', level: 'info', message: 'order 17 paid' },
  metric: { service: 'pay', name: 'cpu_usage', value: 41.5 },
  security: { service: 'gate', type: 'brute_force', severity: 'high' },
  heartbeat: { service: 'pay', status: 'healthy' },
  span: {
    service: 'pay',
    name: 'GET /orders',
    trace_id: 't-1',
    span_id: 's-1',
    start: '2026-01-15T12:00:00.000Z',
    end: '2026-01-15T12:00:00.250Z',
  },
} as const;

export const PATHS = {
  log: '/ingest/logs',
  metric: '/ingest/metrics',
  security: '/ingest/security',
  heartbeat: '/ingest/heartbeat',
  span: '/ingest/spans',
} as const;
