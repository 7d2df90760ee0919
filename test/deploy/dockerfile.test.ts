import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { validate } from 'dockerfile-utils';
import { readConfig, SETTINGS } from '../../src/config.ts';
import { ROOT, read } from './files.ts';

const dockerfile = read('Dockerfile');
/** Instructions, each on one line and without comments. */
const instructions = dockerfile
  .replace(/^\s*#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line !== '');

test('the linter of Dockerfiles finds nothing', () => {
  assert.deepEqual(validate(dockerfile), []);
});

test('the linter would find something', () => {
  assert.ok(validate('FROM a\nCOPPY b c\n').length > 0);
});

test('what it copies is there, and the context holds nothing else', () => {
  const sources = instructions
    .filter((line) => /^COPY (?!--from)/.test(line))
    .flatMap((line) => line.split(' ').slice(1, -1));
  const allowed = read('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  assert.deepEqual([...new Set(sources)].sort(), allowed.sort());
  for (const source of sources) assert.ok(existsSync(join(ROOT, source)), source);
});

test('its settings are settings of ours, and need credentials to come up', () => {
  const env = Object.fromEntries(
    instructions
      .filter((line) => line.startsWith('ENV '))
      .flatMap((line) => line.slice(4).trim().split(/\s+/))
      .map((pair): [string, string] => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? '']),
  );
  const { NODE_ENV, ...settings } = env;
  assert.equal(NODE_ENV, 'production');
  for (const name of Object.keys(settings)) assert.ok(name in SETTINGS, name);
  assert.throws(() => readConfig(settings), /set API_KEY/);
  assert.doesNotThrow(() => readConfig({ ...settings, API_KEY: 'a-long-random-word' }));
});

test('it runs as a user, asks its health without a shell, and keeps its data in a volume', () => {
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
  assert.ok(last.includes('USER node'));
  assert.ok(last.includes('VOLUME /data'));
  assert.ok(last.some((line) => line.startsWith('HEALTHCHECK') && line.includes('CMD ["node"')));
  assert.ok(last.includes('ENTRYPOINT ["node", "dist/bin/lightwatch.js"]'));
});
