import assert from 'node:assert/strict';
import { test } from 'node:test';
import { earlierId, microsOf, TimeOrderedIds } from '../../../src/store/mongo/time-ordered-ids.ts';
import { fakeClock } from '../../fixtures/fake-clock.ts';
import { NOON } from '../../fixtures/samples.ts';

test('ids grow as text, also within a millisecond and when the clock is set back', () => {
  const clock = fakeClock(NOON);
  const ids = new TimeOrderedIds(clock);
  const taken: string[] = [];
  for (const step of [0, 0, 1, 50]) {
    clock.advance(step);
    const id = ids.take(3000);
    for (let index = 0; index < 3000; index++) taken.push(id(index));
  }
  clock.jump(NOON - 86_400_000);
  taken.push(ids.take(1)(0));
  assert.deepEqual(taken, [...taken].sort());
  assert.equal(new Set(taken).size, taken.length);
  assert.equal(microsOf(taken[0] ?? ''), NOON * 1000);
});

test('they go on after the greatest that is in use, and two writers never meet', () => {
  const clock = fakeClock(NOON);
  const used = new TimeOrderedIds(clock).take(5000)(4999);
  const [one, other] = [new TimeOrderedIds(clock, used).take(1)(0), new TimeOrderedIds(clock, used).take(1)(0)];
  assert.ok(one > used && other > used);
  assert.notEqual(one, other);
  // The embedded store's.
  assert.ok(new TimeOrderedIds(clock, String(NOON * 1000 + 7)).take(1)(0) > String(NOON * 1000 + 7));
});

test('an earlier id comes before those taken since, after those taken before, and is told of no other text', () => {
  const clock = fakeClock(NOON);
  const ids = new TimeOrderedIds(clock);
  const before = ids.take(1)(0);
  clock.advance(1);
  const since = ids.take(1)(0);
  clock.advance(5000);
  const earlier = earlierId(ids.take(1)(0), 5000);
  assert.ok(before < earlier && earlier < since);
  for (const text of ['', 'order-1', '12']) assert.equal(earlierId(text, 5000), text);
});
