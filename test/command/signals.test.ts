import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';

const SIGNALS = new URL('../../src/command/signals.js', import.meta.url).href;

/** A process that is told to end and whose parts answer `ended` when they are closed; one of them goes on regardless. */
async function endOf(ended: boolean): Promise<readonly [number, string]> {
  const script = `
    import { runUntilSignal } from '${SIGNALS}';
    const part = setInterval(() => undefined, 1000);
    await runUntilSignal(async () => {
      process.kill(process.pid, 'SIGTERM');
      return async () => {
        if (${ended}) clearInterval(part);
        return ${ended};
      };
    });`;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['--input-type=module', '-e', script], (_error, _stdout, stderr) =>
      resolve([child.exitCode ?? -1, stderr]),
    );
  });
}

test('a process whose parts have all ended ends by itself', async () => {
  assert.deepEqual(await endOf(true), [0, '']);
});

test('a process whose parts have not ended in time says so and leaves them', { timeout: 20_000 }, async () => {
  assert.deepEqual(await endOf(false), [1, 'lightwatch: not everything has ended in time; leaving it\n']);
});
