import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { equals } from '../../src/core/filter.ts';
import { asked, canBeSlow, QUERY_TIMEOUT_MS } from '../../src/query/asking.ts';
import type { ReadOptions } from '../../src/store/store.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { queryApp } from './query-app.ts';

function aRequest() {
  const socket = new EventEmitter();
  return { socket, request: { raw: { socket } } as unknown as FastifyRequest };
}

/** Never answers by itself. */
const forever = ({ signal }: ReadOptions) =>
  new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

test('a question ends when its client leaves', async () => {
  const { request, socket } = aRequest();
  const answer = asked(request, fakeClock(), forever);
  socket.emit('close');
  await assert.rejects(answer, { code: 'LW_CLIENT_CLOSED' });
  assert.equal(socket.listenerCount('close'), 0);
});

test('a question ends when its time is up, and says how to narrow it', async () => {
  const { request, socket } = aRequest();
  const clock = fakeClock();
  const answer = asked(request, clock, forever);
  clock.advance(QUERY_TIMEOUT_MS);
  await assert.rejects(answer, { code: 'LW_QUERY_TIMEOUT', status: 504, message: /10 s: narrow its time range/ });
  assert.equal(socket.listenerCount('close'), 0);
});

test('what is waited for in between ends for the same reason', async () => {
  const clock = fakeClock();
  const answer = asked(aRequest().request, clock, async ({ signal }) => {
    clock.advance(QUERY_TIMEOUT_MS);
    await nextTurn(undefined, { ...(signal !== undefined && { signal }) });
  });
  await assert.rejects(answer, { code: 'LW_QUERY_TIMEOUT' });
});

test('an answer lets go of the client', async () => {
  const { request, socket } = aRequest();
  assert.equal(await asked(request, fakeClock(), async () => 7), 7);
  assert.equal(socket.listenerCount('close'), 0);
});

test('a list is watched over only where it can take long', () => {
  assert.equal(
    canBeSlow({ op: 'all', filters: [equals('service', 'a'), equals('level', 'b'), { op: 'time' }] }),
    false,
  );
  for (const filter of [equals('tags.k', 'v'), equals('trace_id', 't'), { op: 'phrase', text: 'x' } as const]) {
    assert.equal(canBeSlow({ op: 'all', filters: [equals('service', 'a'), { op: 'not', filter }] }), true);
  }
});

test('the time limit is told over HTTP as every error is', async (t) => {
  const store = memoryStore();
  let waiting = () => {};
  const reached = new Promise<void>((resolve) => {
    waiting = resolve;
  });
  const app = await queryApp(t, {
    ...store,
    facets: (_, options = {}) => {
      waiting();
      return forever(options);
    },
  });
  const refusal = app.refused('/api/logs/facets', 504);
  await reached;
  app.clock.advance(QUERY_TIMEOUT_MS);
  assert.equal((await refusal).code, 'LW_QUERY_TIMEOUT');
});
