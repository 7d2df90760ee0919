import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kind } from '../schemas/event.ts';
import { readConfig } from '../src/config.ts';
import { Retention } from '../src/retention.ts';
import type { Store } from '../src/store/store.ts';
import { fakeClock } from './fixtures/fake-clock.ts';
import { memoryStore } from './fixtures/memory-store.ts';

const DAY_MS = 86_400_000;
const clock = fakeClock();

function retention(overrides: Partial<Store> = {}, env: Record<string, string> = {}) {
  const store = { ...memoryStore({ clock }), ...overrides };
  const errors: unknown[] = [];
  const log = { info: () => {}, error: (entry: unknown) => errors.push(entry) };
  return { store, errors, job: new Retention(store, readConfig(env), clock, log) };
}

test('each kind is expired by its own time', async () => {
  const asked: [Kind, number][] = [];
  const expire = async (kind: Kind, before: number) => {
    asked.push([kind, (clock.now() - before) / DAY_MS]);
    return { events: 2 };
  };
  const { job } = retention({ expire }, { RETENTION_LOGS: '7d', RETENTION_SECURITY: '365d' });
  assert.equal((await job.sweep()).events, 10);
  assert.deepEqual(asked, [
    ['log', 7],
    ['metric', 30],
    ['security', 365],
    ['heartbeat', 30],
    ['span', 30],
  ]);
  assert.equal(job.stats().keptForS.security, 365 * 86_400);
});

test('a failure is logged and the next run tries again; a stopped job does nothing', async () => {
  let fails = true;
  let calls = 0;
  const expire = async () => {
    calls += 1;
    if (fails) throw new Error('gone');
    return { events: 0 };
  };
  const { job, errors } = retention({ expire });
  await job.sweepAndLog();
  assert.equal(errors.length, 1);
  fails = false;
  await job.sweepAndLog();
  const { keptForS: _, ...figures } = job.stats();
  assert.deepEqual(figures, { runs: 1, failed: 1, deletedEvents: 0 });
  await job.stop();
  const before = calls;
  await job.sweepAndLog();
  assert.equal(calls, before);
});

test('runs that overlap are one run', async () => {
  let calls = 0;
  const { job } = retention({
    expire: async () => {
      calls += 1;
      return { events: 0 };
    },
  });
  await Promise.all([job.sweep(), job.sweep()]);
  assert.equal(calls, 5, 'once for each kind');
});
