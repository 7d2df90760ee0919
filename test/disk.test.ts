import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { buildTestApp } from './fixtures/build-app.ts';
import { fakeClock } from './fixtures/fake-clock.ts';
import { eventually } from './fixtures/wait.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Disk {
  readonly bytes: number;
  readonly free_bytes: number;
  readonly total_bytes: number;
  readonly bytes_per_day: number | null;
  readonly days_left: number | null;
  readonly settles_at_bytes: number | null;
}

async function diskOf(fastify: FastifyInstance): Promise<Partial<Disk>> {
  return (await fastify.inject('/api/stats')).json<{ disk: Partial<Disk> }>().disk;
}

async function log(fastify: FastifyInstance, message: string): Promise<void> {
  const payload = { service: 'shop', level: 'info', message };
  const reply = await fastify.inject({ method: 'POST', url: '/ingest/logs', payload });
  assert.equal(reply.statusCode, 201);
}

async function setUp(t: TestContext) {
  const clock = fakeClock(Date.UTC(2026, 0, 15, 12));
  const { fastify } = await buildTestApp(t, { clock, env: { ROLES: 'ingest,query' } });
  return { clock, fastify };
}

test('/api/stats says what the disk has room for, and how fast it fills, from the files of the days', async (t) => {
  const { clock, fastify } = await setUp(t);
  await log(fastify, 'the first day');
  await eventually(async () => {
    clock.advance(5_000);
    return ((await diskOf(fastify)).bytes ?? 0) > 0;
  }, 'the size of the store');
  const first = await diskOf(fastify);
  assert.ok((first.free_bytes ?? 0) > 0 && (first.total_bytes ?? 0) >= (first.free_bytes ?? 0), JSON.stringify(first));
  assert.deepEqual([first.bytes_per_day, first.days_left, first.settles_at_bytes], [null, null, null]);

  clock.advance(DAY_MS);
  await log(fastify, 'the day after');
  await eventually(async () => {
    clock.advance(5_000);
    return ((await diskOf(fastify)).bytes_per_day ?? 0) > 0;
  }, 'how fast it grows');
  const { bytes_per_day: pace = 0, settles_at_bytes: settled = 0, ...then } = await diskOf(fastify);
  // Either the disk has room for what retention keeps, or it says in how many days it has none.
  assert.ok(then.days_left === null ? (settled ?? 0) >= (pace ?? 0) : settled === null, JSON.stringify(then));
  assert.match((await fastify.inject('/metrics')).body, /^lightwatch_disk_bytes_per_day \d+$/m);
});
