import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LIMITS } from '../schemas/limits.ts';
import { SETTINGS } from '../src/config.ts';
import { ERROR_STATUSES } from '../src/errors.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A document; its tables as the formatter leaves them, without the spaces that align their columns. */
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8').replace(/ +\|/g, ' |');

/** The first cells of a document's table rows, where they are code: what the document claims to list. */
function listed(document: string): string[] {
  return Array.from(document.matchAll(/^\| `([^`]+)` \|/gm), ([, name = '']) => name);
}

test('docs/configuration.md has exactly the row of every setting', () => {
  const document = read('docs/configuration.md');
  for (const [name, { fallback, about }] of Object.entries(SETTINGS)) {
    const row = `| \`${name}\` |${fallback === '' ? '' : ` \`${fallback}\``} | ${about} |`;
    assert.ok(document.includes(`\n${row}\n`), `docs/configuration.md should have the row\n${row}`);
  }
  assert.deepEqual(listed(document).sort(), Object.keys(SETTINGS).sort());
});

test('docs/errors.md has every error code with its status', () => {
  const document = read('docs/errors.md');
  for (const [code, status] of Object.entries(ERROR_STATUSES)) {
    const row = `| \`${code}\` | ${status} |`;
    assert.ok(document.includes(`\n${row}`), `docs/errors.md should have a row that begins\n${row}`);
  }
  assert.deepEqual(listed(document).sort(), Object.keys(ERROR_STATUSES).sort());
});

test('docs/limits.md has every limit of the wire contract', () => {
  const document = read('docs/limits.md');
  for (const [name, limit] of Object.entries(LIMITS)) {
    const row = `| \`${name}\` | ${limit.toLocaleString('en')} |`;
    assert.ok(document.includes(`\n${row}`), `docs/limits.md should have a row that begins\n${row}`);
  }
});

test('every link of the documents leads to a file', () => {
  const documents = ['README.md', 'CHANGELOG.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)];
  for (const document of documents.filter((name) => name.endsWith('.md'))) {
    for (const [, target = ''] of read(document).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)) {
      assert.ok(existsSync(join(ROOT, dirname(document), target)), `${document} links to ${target}`);
    }
  }
});

test('the README tells the two commands that do everything', () => {
  const readme = read('README.md');
  for (const command of ['npm ci && npm start', 'npm ci && npm test']) assert.ok(readme.includes(command), command);
});
