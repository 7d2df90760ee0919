import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Closers } from '../src/closers.ts';
import { fakeClock } from './fixtures/fake-clock.ts';

function logged() {
  const entries: unknown[] = [];
  return { entries, error: (entry: unknown) => entries.push(entry) };
}

test('parts are closed one after the other, the last opened first, whatever fails', async () => {
  const log = logged();
  const closers = new Closers(log);
  const closed: string[] = [];
  closers.add('store', async () => closed.push('store'));
  closers.add('bus', async () => {
    throw new Error('stuck');
  });
  closers.add('server', async () => {
    await Promise.resolve();
    closed.push('server');
  });
  assert.equal(closers.begun, false);
  const first = closers.close(fakeClock(), 1000);
  assert.equal(closers.begun, true);
  assert.equal(closers.close(fakeClock(), 1000), first);
  assert.equal(await first, true);
  assert.deepEqual(closed, ['server', 'store']);
  assert.equal(log.entries.length, 1);
});

test('a part that never closes does not hold up the end for ever', async () => {
  const log = logged();
  const clock = fakeClock();
  const closers = new Closers(log);
  closers.add('store', () => new Promise(() => {}));
  const closed = closers.close(clock, 1000);
  clock.advance(1000);
  assert.equal(await closed, false);
  assert.deepEqual(log.entries, [{ part: 'store' }]);
});
