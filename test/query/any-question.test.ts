import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { LEVELS } from '../../schemas/log.ts';
import type { SettingName } from '../../src/config.ts';
import { buildTestApp } from '../fixtures/build-app.ts';
import { SKIPPED, testDatabase } from '../fixtures/mongo-database.ts';
import { query } from './query-app.ts';

const START = Date.UTC(2026, 9, 24);
const DAYS = 3;
const EVENTS = 150;
const MINUTE_MS = 60_000;

/** Minutes from UTC: also those of Nepal, Newfoundland and Kiribati, and none that is written as one. */
const zone = fc.constantFrom(undefined, 0, 60, 120, -480, 345, -210, 840, -720);
const moment = fc.integer({ min: -60, max: DAYS * 24 * 60 + 60 }).map((minutes) => START + minutes * MINUTE_MS);

/** A moment as a clock in that zone writes it. */
function written(ms: number, minutes: number | undefined): string {
  if (minutes === undefined) return new Date(ms).toISOString();
  const local = new Date(ms + minutes * MINUTE_MS).toISOString().slice(0, -1);
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
  return `${local}${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

const log = fc.record({
  ms: moment,
  zone,
  service: fc.constantFrom('pay', 'gate', 'Pay'),
  level: fc.constantFrom(...LEVELS),
  host: fc.constantFrom(undefined, 'h1', 'h2'),
  region: fc.constantFrom(undefined, 'eu', 'us'),
  word: fc.constantFrom('opened', 'closed', 'refused'),
});
type Log = (typeof log extends fc.Arbitrary<infer T> ? T : never) & { readonly eventId: string };

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const question = fc.record({
  service: maybe(fc.constantFrom('pay', 'gate', 'absent')),
  host: maybe(fc.constantFrom('h1', 'h2')),
  levels: maybe(fc.subarray([...LEVELS], { minLength: 1 })),
  minLevel: maybe(fc.constantFrom(...LEVELS)),
  region: maybe(fc.constantFrom('eu', 'us')),
  word: maybe(fc.constantFrom('opened', 'REFUSED', 'absent')),
  not: maybe(fc.constantFrom('closed')),
  from: maybe(fc.tuple(moment, zone)),
  to: maybe(fc.tuple(moment, zone)),
  order: fc.constantFrom('asc', 'desc'),
  limit: fc.integer({ min: 1, max: 60 }),
  page: fc.integer({ min: 1, max: 4 }),
});
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

/** A range that ends before it begins is refused. */
function isInOrder({ from, to }: Question): boolean {
  return from === undefined || to === undefined || from[0] <= to[0];
}

/** What a reader of the docs would expect, found by looking at every event. */
function expected(logs: readonly Log[], asked: Question): Log[] {
  const found = logs.filter(
    (one) =>
      (asked.service === undefined || one.service === asked.service) &&
      (asked.host === undefined || one.host === asked.host) &&
      (asked.levels === undefined || asked.levels.includes(one.level)) &&
      (asked.minLevel === undefined || LEVELS.indexOf(one.level) >= LEVELS.indexOf(asked.minLevel)) &&
      (asked.region === undefined || one.region === asked.region) &&
      (asked.word === undefined || one.word === asked.word.toLowerCase()) &&
      (asked.not === undefined || one.word !== asked.not) &&
      (asked.from === undefined || one.ms >= asked.from[0]) &&
      (asked.to === undefined || one.ms <= asked.to[0]),
  );
  const inOrder = found
    .map((one) => ({ one, place: logs.indexOf(one) }))
    .sort((a, b) => a.one.ms - b.one.ms || a.place - b.place);
  if (asked.order === 'desc') inOrder.reverse();
  return inOrder.map(({ one }) => one);
}

function parameters({ service, host, levels, minLevel, region, word, not, from, to, order, limit }: Question) {
  const params = {
    service,
    host,
    level: levels?.join(),
    min_level: minLevel,
    'tags.region': region,
    q:
      word === undefined && not === undefined
        ? undefined
        : `${word ?? ''} ${not === undefined ? '' : `-${not}`}`.trim(),
    from: from && written(...from),
    to: to && written(...to),
    order,
    limit: String(limit),
  };
  return Object.fromEntries(
    Object.entries(params).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

interface List {
  readonly data: readonly { readonly event_id: string; readonly timestamp: string }[];
  readonly total: number;
  readonly next_cursor?: string;
}

async function answersAsExpected(t: TestContext, env: Partial<Record<SettingName, string>>, numRuns: number) {
  const { fastify } = await buildTestApp(t, { env });
  const seed = Date.now() & 0x7fff_ffff;
  t.diagnostic(`corpus ${seed}`);
  const logs = fc.sample(log, { numRuns: EVENTS, seed }).map((one, index): Log => ({ ...one, eventId: `e${index}` }));
  const sent = await fastify.inject({
    method: 'POST',
    url: '/ingest/logs',
    payload: logs.map(({ eventId, ms, zone, region, word, ...rest }) => ({
      ...rest,
      event_id: eventId,
      timestamp: written(ms, zone),
      message: `the door was ${word}`,
      ...(region !== undefined && { tags: { region } }),
    })),
  });
  assert.equal(sent.json().accepted, EVENTS, sent.body);

  async function get<T>(path: string): Promise<T> {
    const reply = await fastify.inject(path);
    assert.equal(reply.statusCode, 200, `${path}: ${reply.body}`);
    return reply.json();
  }

  await fc.assert(
    fc.asyncProperty(question.filter(isInOrder), async (asked) => {
      const want = expected(logs, asked);
      const params = parameters(asked);
      const start = (asked.page - 1) * asked.limit;
      const one = await get<List>(`/api/logs${query({ ...params, page: String(asked.page) })}`);
      assert.equal(one.total, want.length);
      assert.deepEqual(
        one.data.map(({ event_id, timestamp }) => [event_id, timestamp]),
        want.slice(start, start + asked.limit).map(({ eventId, ms }) => [eventId, new Date(ms).toISOString()]),
      );

      const walked: string[] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined && walked.length <= EVENTS; ) {
        const next: List = await get(
          `/api/logs${query({ ...params, total: 'none', ...(cursor !== '' && { cursor }) })}`,
        );
        walked.push(...next.data.map(({ event_id }) => event_id));
        cursor = next.next_cursor;
      }
      assert.deepEqual(
        walked,
        want.map(({ eventId }) => eventId),
      );

      const { limit: _, order: __, ...choice } = params;
      const { data } = await get<{ data: { time: string; counts: Record<string, number> }[] }>(
        `/api/logs/histogram${query({ ...choice, interval: '1h', by: 'level', from: written(START - DAY, 0), to: written(START + 5 * DAY, 60), ...choice })}`,
      );
      const counted = data.flatMap(({ time, counts }) =>
        Object.entries(counts).map(([level, n]) => `${time} ${level} ${n}`),
      );
      assert.deepEqual(counted.sort(), hours(want).sort());
    }),
    { numRuns },
  );
}

const DAY = 24 * 60 * MINUTE_MS;

/** `<hour> <level> <how many>` for each that has any. */
function hours(logs: readonly Log[]): string[] {
  const counts = new Map<string, number>();
  for (const { ms, level } of logs) {
    const key = `${new Date(ms - (ms % (60 * MINUTE_MS))).toISOString()} ${level}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => `${key} ${count}`);
}

test('any question, in any zone, page by page and by cursor: what a look at every event finds', async (t) => {
  await answersAsExpected(t, {}, 60);
});

describe('MongoDB', { skip: SKIPPED }, () => {
  test('any question, in any zone, page by page and by cursor: what a look at every event finds', async (t) => {
    const database = await testDatabase();
    t.after(() => database.drop());
    await answersAsExpected(t, { MONGO_URI: database.uri }, 20);
  });
});
