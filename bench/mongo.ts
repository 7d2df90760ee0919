import { randomBytes } from 'node:crypto';
import { type Collection, MongoClient } from 'mongodb';
import { KINDS } from '../schemas/event.ts';
import { systemClock } from '../src/core/clock.ts';
import type { EventOf } from '../src/core/event.ts';
import { all as allOf, equals } from '../src/core/filter.ts';
import { EVENT_INDEXES } from '../src/store/mongo/collections.ts';
import { QUERY_TIMEOUT_MS } from '../src/store/mongo/deadline.ts';
import { type EventDocument, encodeEvent } from '../src/store/mongo/event-document.ts';
import { MongoStore } from '../src/store/mongo/mongo-store.ts';
import type { Retention } from '../src/store/mongo/prepare.ts';
import { TimeOrderedIds } from '../src/store/mongo/time-ordered-ids.ts';
import { validatorOf } from '../src/store/mongo/validator.ts';
import type { Bench } from './bench.ts';
import { BATCH_EVENTS, eventSource, SERVICES } from './corpus.ts';
import { amount, atLeast, type Row } from './report.ts';
import { median } from './statistics.ts';

const PAGE = 50;
/** Batches and pages, each asked of both in turn, so that what else the machine does hits both alike. */
const BATCHES = 30;
const PAGES = 200;
/** The least share of the driver's own speed. */
const SHARE = 0.8;
const RETENTION = Object.fromEntries(KINDS.map((kind) => [kind, 365 * 86_400_000])) as Retention;

/** The store on MongoDB beside the bare driver, on the same documents, indexes, validator, write concern and time limit. */
export async function mongo(bench: Bench): Promise<Row[]> {
  const service = process.env.TEST_MONGO_URI ?? '';
  if (service === '') {
    bench.progress('mongo: left out, TEST_MONGO_URI is not set');
    return [];
  }
  const url = new URL(service);
  url.pathname = `/lw_bench_${randomBytes(6).toString('hex')}`;
  const store = await MongoStore.open({
    uri: url.href,
    poolSize: 10,
    timeoutMs: 60_000,
    retentionMs: RETENTION,
    clock: systemClock,
    log: { warn: () => undefined, error: () => undefined },
  });
  const client = await MongoClient.connect(url.href);
  const db = client.db(url.pathname.slice(1));
  try {
    const bare = await db.createCollection<EventDocument>('bare', {
      validator: validatorOf('log'),
      validationAction: 'warn',
    });
    await bare.createIndexes([...EVENT_INDEXES.log, { key: { received_at: 1 }, expireAfterSeconds: 365 * 86_400 }]);
    bench.progress('mongo: batches');
    const batches = await inTurn(bench.seconds(BATCHES), batchesOf(store, bare));
    bench.progress('mongo: pages');
    const pages = await inTurn(bench.seconds(PAGES), pagesOf(store, bare));
    return [
      row(`MongoDB: batches of ${BATCH_EVENTS}`, batches, 'insertMany', (ms) =>
        amount(BATCH_EVENTS / (ms / 1000), 'events/s'),
      ),
      row(`MongoDB: newest ${PAGE} of a service and level`, pages, 'find', (ms) => amount(ms, 'ms')),
    ];
  } finally {
    await store.close();
    await db.dropDatabase();
    await client.close();
  }
}

/** The same work done both ways. */
interface Pair {
  ours(round: number): Promise<unknown>;
  bare(round: number): Promise<unknown>;
}

function batchesOf(store: MongoStore, bare: Collection<EventDocument>): Pair {
  const source = eventSource(BATCH_EVENTS * BATCHES * 4, Date.now());
  const ids = new TimeOrderedIds(systemClock);
  const next = (): EventOf<'log'>[] => Array.from({ length: BATCH_EVENTS }, () => source.next().event);
  const writeConcern = { w: 'majority', journal: true } as const;
  const batches = new Map<number, { events: EventOf<'log'>[]; documents: EventDocument[] }>();
  const batch = (round: number) => {
    const known = batches.get(round);
    if (known !== undefined) return known;
    const events = next();
    const id = ids.take(events.length);
    const now = new Date();
    const made = { events, documents: events.map((event, index) => encodeEvent(event, id(index), now)) };
    batches.set(round, made);
    return made;
  };
  // Made before the first is measured: the bare driver is given documents, Lightwatch events.
  for (let round = -1; round < BATCHES; round++) batch(round);
  return {
    ours: (round) => store.append('log', batch(round).events),
    bare: (round) => bare.insertMany(batch(round).documents, { ordered: false, writeConcern }),
  };
}

function pagesOf(store: MongoStore, bare: Collection<EventDocument>): Pair {
  const choice = (round: number) => ({ service: SERVICES[(round + 1) % SERVICES.length] ?? '', level: 'info' });
  return {
    ours(round) {
      const { service, level } = choice(round);
      const where = allOf(equals('service', service), equals('level', level));
      return store.page({ kind: 'log', where, order: 'desc', limit: PAGE, offset: 0, total: false });
    },
    bare: (round) =>
      bare.find(choice(round), { maxTimeMS: QUERY_TIMEOUT_MS }).sort({ timestamp: -1, id: -1 }).limit(PAGE).toArray(),
  };
}

interface Times {
  readonly oursMs: number;
  readonly bareMs: number;
}

/** Median milliseconds of each way; who goes first changes from round to round. */
async function inTurn(rounds: number, { ours, bare }: Pair): Promise<Times> {
  const oursMs: number[] = [];
  const bareMs: number[] = [];
  const timed = async (into: number[], work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    into.push(performance.now() - began);
  };
  // The first round opens connections and is not counted.
  for (let round = -1; round < rounds; round++) {
    const pair = [
      () => timed(round < 0 ? [] : oursMs, () => ours(round)),
      () => timed(round < 0 ? [] : bareMs, () => bare(round)),
    ];
    for (const task of round % 2 === 0 ? pair : pair.reverse()) await task();
  }
  return { oursMs: median(oursMs), bareMs: median(bareMs) };
}

function row(measure: string, { oursMs, bareMs }: Times, name: string, shown: (ms: number) => string): Row {
  const ratio = bareMs / oursMs;
  return {
    measure,
    shown: shown(oursMs),
    ceilings: [{ name: `a bare ${name}`, shown: shown(bareMs), ratio }],
    goal: atLeast(ratio, SHARE, 'of the driver'),
  };
}
