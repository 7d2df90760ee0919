import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../schemas/limits.ts';
import { FilterError } from '../../src/core/filter-error.ts';
import { regexTest } from '../../src/core/regex.ts';

test('RE2 expressions match anywhere', () => {
  const rows: readonly (readonly [pattern: string, text: string, want: boolean])[] = [
    ['b', 'abc', true],
    ['^b', 'abc', false],
    ['(?i)ORDER \\d+', 'an order 17', true],
    ['a.c', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['^c', 'a\nc', false],
    ['(?m)^c', 'a\nc', true],
    ['\\p{Greek}', 'abγ', true],
    ['^.$', '🔥', true],
    ['(?P<name>x)', 'x', true],
    ['', '', true],
  ];
  for (const [pattern, text, want] of rows) assert.equal(regexTest(pattern)(text), want, `${pattern} in ${text}`);
});

test('what is no RE2 expression is refused by the name of its field', () => {
  for (const pattern of [
    '(',
    '[',
    '*',
    '(?=a)',
    '(?<!a)',
    '(a)\\1',
    '(a{1000}){1000}',
    '\\',
    'a'.repeat(LIMITS.regex + 1),
  ]) {
    assert.throws(
      () => regexTest(pattern, 'pattern'),
      (error) => error instanceof FilterError && error.field === 'pattern',
      pattern.slice(0, 20),
    );
  }
});

test('an expression that explodes elsewhere takes linear time', () => {
  const explodes = regexTest('(a+)+$');
  const started = performance.now();
  assert.equal(explodes(`${'a'.repeat(64 * 1024)}b`), false);
  // Backtracking would not end in this century; the bound only has to tell the two apart.
  assert.ok(performance.now() - started < 5000);
});
