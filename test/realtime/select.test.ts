import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitConcurrency } from '../../src/realtime/limit-concurrency.ts';
import { LiveBatch } from '../../src/realtime/live-batch.ts';
import { select, selectWithin } from '../../src/realtime/select.ts';
import { ITEMS_PER_SECOND, MATCHING_MS_PER_SECOND, WorkBudget } from '../../src/realtime/work-budget.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';

const numbers = (count: number) =>
  new LiveBatch(
    Array.from({ length: count }, (_, index) => index),
    String,
    String,
  ).all;

test('what matches is found in order, within a budget or without', () => {
  const even = { key: 'even', matches: (item: number) => item % 2 === 0 };
  const wanted = Array.from({ length: 500 }, (_, index) => index * 2);
  assert.deepEqual(select(numbers(1000), even).indices, wanted);
  assert.deepEqual(selectWithin(numbers(1000), even, new WorkBudget(fakeClock()))?.indices, wanted);
});

test('a filter that costs too much is given up in the midst of a batch, and tried again in the next second', () => {
  const clock = fakeClock();
  const budget = new WorkBudget(clock);
  let compared = 0;
  const slow = {
    key: 'slow',
    matches: () => {
      compared++;
      if (compared === 300) budget.spendMatching(MATCHING_MS_PER_SECOND);
      return true;
    },
  };
  assert.equal(selectWithin(numbers(10_000), slow, budget), undefined);
  assert.ok(compared < 1000);
  assert.equal(selectWithin(numbers(1), slow, budget), undefined);
  clock.advance(1000);
  budget.renew();
  assert.deepEqual(selectWithin(numbers(1), slow, budget)?.indices, [0]);
});

test('asking for everything costs no comparison', () => {
  const budget = new WorkBudget(fakeClock());
  budget.spendMatching(MATCHING_MS_PER_SECOND);
  const all = numbers(3);
  assert.equal(selectWithin(all, { key: 'all', matches: undefined }, budget), all);
});

test('a second has its items, and the next one has them again, also when the clock was set back', () => {
  const clock = fakeClock();
  const budget = new WorkBudget(clock);
  assert.equal(budget.takeItems(ITEMS_PER_SECOND - 1), ITEMS_PER_SECOND - 1);
  clock.advance(999);
  budget.renew();
  assert.equal(budget.takeItems(5), 1);
  clock.advance(1);
  budget.renew();
  assert.equal(budget.takeItems(5), 5);
  clock.jump(clock.now() - 3_600_000);
  budget.renew();
  assert.equal(budget.takeItems(ITEMS_PER_SECOND), ITEMS_PER_SECOND);
});

test('tasks beyond the limit wait their turn, and a failed one makes room', async () => {
  const run = limitConcurrency(2);
  const started: number[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const task = (number: number) => () =>
    new Promise<number>((resolve, reject) => {
      started.push(number);
      ends[number] = (error) => (error === undefined ? resolve(number) : reject(error));
    });
  const results = [0, 1, 2, 3].map((number) => run(task(number)));
  assert.deepEqual(started, [0, 1]);
  ends[1]?.(new Error('away'));
  await assert.rejects(results[1] ?? Promise.resolve(), /away/);
  assert.deepEqual(started, [0, 1, 2]);
  ends[0]?.();
  ends[2]?.();
  await Promise.all([results[0], results[2]]);
  assert.deepEqual(started, [0, 1, 2, 3]);
  ends[3]?.();
  assert.equal(await results[3], 3);
});
