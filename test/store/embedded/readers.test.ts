import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Readers } from '../../../src/store/embedded/readers.ts';

const LONG_MS = 60_000;

test('a reader that is given back goes to who asked first, not to a newcomer', async () => {
  const readers = new Readers(['reader']);
  const order: string[] = [];
  const ask = async (name: string) => {
    const reader = await readers.take(LONG_MS);
    order.push(name);
    readers.give(reader);
  };
  const reader = await readers.take(LONG_MS);
  const waiting = [ask('first'), ask('second')];
  readers.give(reader);
  await Promise.all([...waiting, ask('newcomer')]);
  assert.deepEqual(order, ['first', 'second', 'newcomer']);
});

test('who must have all of them goes before everybody who waits', async () => {
  const readers = new Readers(['reader']);
  const order: string[] = [];
  const reader = await readers.take(LONG_MS);
  const waiting = readers.take(LONG_MS).then((given) => {
    order.push('waiting');
    readers.give(given);
  });
  const next = readers.takeNext().then((given) => {
    order.push('next');
    readers.give(given);
  });
  readers.give(reader);
  await Promise.all([waiting, next]);
  assert.deepEqual(order, ['next', 'waiting']);
});

test('who has waited too long is refused, and misses nothing that comes later', async () => {
  const readers = new Readers(['reader']);
  const reader = await readers.take(LONG_MS);
  await assert.rejects(readers.take(5), { code: 'LW_OVERLOADED', retryAfterS: 1 });
  readers.give(reader);
  assert.equal(await readers.take(LONG_MS), 'reader');
});

test('who waits no more is let go with the reason, and misses nothing that comes later', async () => {
  const readers = new Readers(['reader']);
  const reader = await readers.take(LONG_MS);
  const controller = new AbortController();
  const waiting = readers.take(LONG_MS, controller.signal);
  const reason = new Error('gone');
  controller.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
  await assert.rejects(readers.take(LONG_MS, controller.signal), (error) => error === reason);
  readers.give(reader);
  assert.equal(await readers.take(LONG_MS), 'reader');
});
