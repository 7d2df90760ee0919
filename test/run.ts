import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { globSync } from 'tinyglobby';

/**
 * Runs the compiled suites, each in a process of its own; with arguments only those whose path has one of them. With
 * `--none-skipped` a test that was skipped is a failure: where everything is installed, everything is to run.
 * (`node --test` finds files by pattern from Node 21 on, and by folder only before.)
 */
const NONE_SKIPPED = '--none-skipped';
const demandsAll = process.argv.includes(NONE_SKIPPED);
const wanted = process.argv.slice(2).filter((argument) => argument !== NONE_SKIPPED);
const files = globSync('test/**/*.test.ts')
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .map((file) => `dist/${file.replace(/\.ts$/, '.js')}`)
  .sort((a, b) => Number(isLong(b)) - Number(isLong(a)));
if (files.length === 0) throw new Error(`no suite's path has any of: ${wanted.join(', ')}`);

/** The longest go first, so that none of them runs alone at the end. */
function isLong(file: string): boolean {
  return ['crash.test.js', 'embedded-store.test.js', 'mongo-store.test.js', 'roles.test.js'].includes(basename(file));
}

const skipped: string[] = [];

run({ files, concurrency: availableParallelism() })
  .on('test:fail', () => {
    process.exitCode = 1;
  })
  .on('test:pass', ({ name, skip }) => {
    if (skip !== undefined && skip !== false) skipped.push(`${name}: ${skip === true ? 'no reason' : skip}`);
  })
  .on('test:summary', ({ file }) => {
    // The summary of the whole run, after those of its files.
    if (file !== undefined || skipped.length === 0) return;
    process.stdout.write(`\nskipped:\n${skipped.map((entry) => `  ${entry}\n`).join('')}`);
    if (demandsAll) process.exitCode = 1;
  })
  .compose(new spec())
  .pipe(process.stdout);
