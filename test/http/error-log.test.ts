import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, LightwatchError } from '../../src/errors.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { doorApp } from './door-app.ts';

test('refusals that come in floods are counted, and told once a second without a stack', async (t) => {
  const codes: ErrorCode[] = ['LW_OVERLOADED', 'LW_SHUTTING_DOWN', 'LW_DISK_FULL', 'LW_RATE_LIMITED'];
  for (const code of codes) {
    const clock = fakeClock();
    const { app, logged } = await doorApp(t, { clock });
    app.get('/refused', { config: { scope: 'public' } }, () => {
      throw new LightwatchError(code, 'not now');
    });
    const ask = async (times: number) => {
      for (let asked = 0; asked < times; asked++) await app.inject('/refused');
    };
    const told = () => {
      const about = logged.splice(0).map((line) => JSON.parse(line));
      return about.map(({ level, msg, code: of, requests, err }) => ({ level, msg, of, requests, err }));
    };
    const line = (requests: number) => ({ level: 40, msg: 'refused: not now', of: code, requests, err: undefined });

    await ask(1);
    assert.deepEqual(told(), [line(1)], 'the first is told at once');
    await ask(50);
    clock.advance(999);
    assert.deepEqual(told(), []);
    clock.advance(1);
    assert.deepEqual(told(), [line(50)]);
    await ask(2);
    assert.deepEqual(told(), []);
    clock.advance(1000);
    assert.deepEqual(told(), [line(2)]);
    clock.advance(60_000);
    assert.deepEqual(told(), [], 'silence is not told');
    await ask(1);
    assert.deepEqual(told(), [line(1)]);
  }
});

test('other failures of ours are told each, with their stack', async (t) => {
  const { app, logged } = await doorApp(t);
  for (const url of ['/broken', '/broken', '/nowhere']) await app.inject(url);
  const lines = logged.map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ level, msg }) => [level, msg]),
    [
      [50, 'request failed'],
      [50, 'request failed'],
      [20, 'request refused'],
    ],
  );
  assert.match(lines[0].err.stack, /error-handler|door-app/);
});
