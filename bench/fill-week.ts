import { systemClock } from '../src/core/clock.ts';
import type { EventOf } from '../src/core/event.ts';
import { EmbeddedStore } from '../src/store/embedded/embedded-store.ts';
import { eventSource, SERVICES } from './corpus.ts';
import type { ScanFigures } from './week.ts';
import { serveCalls } from './worker.ts';

const WEEK_MS = 7 * 86_400_000;
/** Events of a call to the store: few enough that a day's end is met within seconds of its time. */
const CALL_EVENTS = 4096;
/** Metric events, of one name: enough for some 25 in each five minutes of each service. */
const METRIC_SHARE = 0.1;
export const METRIC = 'request_ms';

interface Filling {
  readonly dataDir: string;
  readonly events: number;
  readonly endMs: number;
}

/** What a week's store holds. */
export interface Week {
  readonly events: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly traceIds: readonly string[];
}

/**
 * A store as a week of operation leaves it: events that arrive when they happen, the last at `endMs`. They go to the
 * store directly, whose clock stands where the events are, so that each lies in the file of its day.
 */
async function fill({ dataDir, events, endMs }: Filling): Promise<Week> {
  const spacingMs = WEEK_MS / events;
  const fromMs = endMs - Math.round((events - 1) * spacingMs);
  let now = fromMs;
  const store = await openStore(dataDir, () => now);
  const source = eventSource(events, endMs, { spacingMs });
  const traceIds: string[] = [];
  const traceEvery = Math.max(1, Math.floor(events / 32 / 100));
  let traces = 0;
  for (let made = 0; made < events; ) {
    const logs: EventOf<'log'>[] = [];
    for (; logs.length < CALL_EVENTS && made < events; made++) {
      const { event, newTraceId } = source.next();
      logs.push(event);
      if (newTraceId !== undefined && traces++ % traceEvery === 0) traceIds.push(newTraceId);
    }
    now = logs.at(-1)?.timestamp ?? now;
    await store.append('log', logs);
    await store.append('metric', metricsBeside(logs));
  }
  await store.settle();
  await store.close();
  return { events, fromMs, toMs: endMs, traceIds };
}

/** Reads the newest `events` logs in order, as an export does. */
async function scan({ dataDir, events }: { dataDir: string; events: number }): Promise<ScanFigures> {
  const store = await openStore(dataDir, Date.now);
  const where = { op: 'all', filters: [] } as const;
  const began = performance.now();
  let read = 0;
  let bytes: number | undefined;
  for await (const batch of store.scan({ kind: 'log', where, order: 'desc', limit: events })) {
    read += batch.length;
    if (read >= events / 10) bytes ??= process.memoryUsage().rss;
  }
  const seconds = (performance.now() - began) / 1000;
  const grownBytes = process.memoryUsage().rss - (bytes ?? 0);
  await store.close();
  if (read !== events) throw new Error(`read ${read} of ${events} events`);
  return { events, seconds, grownBytes };
}

function openStore(dataDir: string, now: () => number): Promise<EmbeddedStore> {
  return EmbeddedStore.open({
    dataDir,
    dedupWindowMs: 0,
    clock: { ...systemClock, now },
    log: { warn: () => undefined, error: (fields, message) => console.error(message, fields) },
  });
}

/** Durations of requests, one for every tenth of the logs: most of them short, a few long. */
function metricsBeside(logs: readonly EventOf<'log'>[]): EventOf<'metric'>[] {
  const metrics: EventOf<'metric'>[] = [];
  for (let index = 0; index < logs.length; index += 1 / METRIC_SHARE) {
    const { timestamp, message } = logs[index] ?? { timestamp: 0, message: '' };
    const noise = (message.length * 7919 + timestamp) % 1000;
    const service = SERVICES[(index / 10) % SERVICES.length] ?? '';
    metrics.push({ timestamp, service, name: METRIC, value: Math.round(2000 / (1 + noise)) + noise / 100, unit: 'ms' });
  }
  return metrics;
}

const methods = { fill, scan };
export type WeekFiller = typeof methods;
serveCalls(methods);
