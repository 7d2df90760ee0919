import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { globSync } from 'tinyglobby';

/**
 * Runs the compiled suites, each in a process of its own; with arguments only those whose path has one of them.
 * (`node --test` finds files by pattern from Node 21 on, and by folder only before.)
 */
const wanted = process.argv.slice(2);
const files = globSync('test/**/*.test.ts')
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .map((file) => `dist/${file.replace(/\.ts$/, '.js')}`)
  .sort((a, b) => Number(isLong(b)) - Number(isLong(a)));
if (files.length === 0) throw new Error(`no suite's path has any of: ${wanted.join(', ')}`);

/** The longest go first, so that none of them runs alone at the end. */
function isLong(file: string): boolean {
  return ['crash.test.js', 'embedded-store.test.js'].includes(basename(file));
}

run({ files, concurrency: availableParallelism() })
  .on('test:fail', () => {
    process.exitCode = 1;
  })
  .compose(new spec())
  .pipe(process.stdout);
