import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Level } from '../schemas/log.ts';

/** Events of a batch: what the goals are written for. */
export const BATCH_EVENTS = 1000;

/** A word that exactly `RARE_EVENTS` events of a corpus carry. */
export const RARE_WORD = 'quarkstorm';
export const RARE_EVENTS = 20;

export const SERVICES = [
  'gateway',
  'auth',
  'billing',
  'catalog',
  'cart',
  'checkout',
  'payments',
  'shipping',
  'inventory',
  'search',
  'recommendations',
  'notifications',
  'mailer',
  'sessions',
  'media',
  'reports',
  'scheduler',
  'webhooks',
  'profiles',
  'exports',
] as const;
const HOSTS = ['web-1', 'web-2', 'web-3', 'web-4', 'worker-1', 'worker-2', 'edge-1', 'edge-2'] as const;

/** Log events as NDJSON in a file, oldest first, one millisecond apart. */
export interface Corpus {
  readonly path: string;
  readonly events: number;
  readonly bytes: number;
  /** When the first and the last of them happened. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Where each batch begins in the file, and where the last one ends. */
  readonly offsets: readonly number[];
  /** Trace ids spread over the corpus; eight consecutive events share one. */
  readonly traceIds: readonly string[];
}

/** Small, fast and the same everywhere: mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A source of the same events in every run; only their times move with `endMs`, `spacingMs` apart. */
export function eventSource(count: number, endMs: number, { seed = 1, spacingMs = 1 } = {}) {
  const random = generator(seed);
  const integer = (below: number) => Math.floor(random() * below);
  const pick = <T>(from: readonly T[]) => from[integer(from.length)] as T;
  const hex = (digits: number) => {
    let text = '';
    while (text.length < digits)
      text += integer(2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return text.slice(0, digits);
  };
  const address = () => `10.${integer(4)}.${integer(256)}.${integer(256)}`;
  const templates: readonly (() => string)[] = [
    () =>
      `GET /api/items/${integer(90_000)} 200 in ${integer(400)} ms from ${address()} via edge cache, request ${hex(8)}`,
    () => `POST /api/orders 201 in ${integer(900)} ms, order ${100_000 + integer(900_000)}, ${1 + integer(9)} lines`,
    () =>
      `order ${100_000 + integer(900_000)} paid, ${integer(500)}.${10 + integer(90)} EUR, method card, customer ${integer(50_000)}, invoice ${hex(8)}`,
    () => `session ${hex(16)} opened for user ${integer(50_000)} from ${address()}, expires in 60 minutes`,
    () => `cache miss for key item:${integer(90_000)}:price, loaded from database in ${integer(40)} ms`,
    () => `connection to ${address()}:5432 reused, pool ${integer(20)} of 20 in use, waited ${integer(30)} ms`,
    () =>
      `job ${hex(8)} finished in ${integer(9000)} ms, ${integer(5000)} rows written to /var/data/part-${integer(64)}`,
    () => `retrying request to ${address()} after timeout, attempt ${1 + integer(4)} of 5, next in ${integer(3000)} ms`,
    () => `mail queued for user ${integer(50_000)}, template receipt-v${1 + integer(4)}, message ${hex(12)}`,
    () => `slow query: ${200 + integer(3000)} ms, table orders, ${integer(100_000)} rows examined, plan ${hex(6)}`,
    () => `upload of /media/${hex(10)}.jpg complete, ${integer(4_000_000)} bytes from ${address()}`,
    () =>
      `health check ok, queue depth ${integer(300)}, lag ${integer(90)} ms, heap ${50 + integer(200)} MB, ${integer(64)} handles open`,
  ];
  const rareEvery = Math.max(1, Math.floor(count / RARE_EVENTS));
  let index = 0;
  let traceId = '';

  return {
    /** The next event, and its trace id if it is the first of one. */
    next() {
      const chance = random();
      const level: Level =
        chance < 0.1 ? 'debug' : chance < 0.85 ? 'info' : chance < 0.95 ? 'warn' : chance < 0.995 ? 'error' : 'fatal';
      const traced = (index >> 3) % 4 === 0;
      const begins = traced && index % 8 === 0;
      if (begins) traceId = hex(32);
      const rare = index % rareEvery === rareEvery >> 1 && index < rareEvery * RARE_EVENTS;
      const event = {
        timestamp: endMs - Math.round((count - 1 - index) * spacingMs),
        service: pick(SERVICES),
        level,
        host: pick(HOSTS),
        ...(traced ? { trace_id: traceId } : {}),
        message: `${pick(templates)()}${rare ? ` ${RARE_WORD}` : ''}`,
      };
      index++;
      return { event, newTraceId: begins ? traceId : undefined };
    },
  };
}

/** An event as clients send it: a line of NDJSON. */
export function asLine(event: { readonly timestamp: number }): string {
  return `${JSON.stringify({ ...event, timestamp: new Date(event.timestamp).toISOString() })}\n`;
}

/** Writes a corpus of `count` events that end at `endMs`. */
export async function writeCorpus(path: string, count: number, endMs: number): Promise<Corpus> {
  const source = eventSource(count, endMs);
  const file = createWriteStream(path);
  const offsets = [0];
  const traceIds: string[] = [];
  const traceEvery = Math.max(1, Math.floor(count / 32 / 100));
  let bytes = 0;
  let traces = 0;
  for (let written = 0; written < count; ) {
    let batch = '';
    for (let size = 0; size < BATCH_EVENTS && written < count; size++, written++) {
      const { event, newTraceId } = source.next();
      batch += asLine(event);
      if (newTraceId !== undefined && traces++ % traceEvery === 0) traceIds.push(newTraceId);
    }
    bytes += Buffer.byteLength(batch);
    offsets.push(bytes);
    if (!file.write(batch)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  return { path, events: count, bytes, fromMs: endMs - count + 1, toMs: endMs, offsets, traceIds };
}
