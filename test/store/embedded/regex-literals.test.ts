import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { regexTest } from '../../../src/core/regex.ts';
import { regexLiterals } from '../../../src/store/embedded/regex-literals.ts';

const f = (pattern: string, ...want: readonly string[]) => assert.deepEqual(regexLiterals(pattern), want, pattern);

test('plain stretches between what means something else', () => {
  f('order 1\\d{4} paid, 4\\d\\d\\.', ' paid, 4', 'order 1');
  f('timed out', 'timed out');
  f('\\[pid\\] exited', '[pid] exited');
  f('a+bcd', 'bcd');
  f('abc+d', 'abc');
  f('abcd?', 'abc');
  f('abcd{0,3}efg', 'abc', 'efg');
  f('abc[]d]efg', 'abc', 'efg');
  f('abc[[:digit:]]efg[^\\]x]hij', 'abc', 'efg', 'hij');
  f('user{name}', 'user{name}');
  f('über 🔥*fire', 'über ', 'fire');
});

test('nothing of what may be left out, or means something else altogether', () => {
  f('(abc)?def(ghi)*', 'def');
  f('abc|def');
  f('(?i)abc');
  f('\\Qa.b\\Eabc');
  f('\\x41bcd');
  f('ab');
  f('');
});

test('every text with a match has them', () => {
  const piece = fc.constantFrom(
    'abc',
    'de',
    ' ',
    '.',
    '\\.',
    '\\d',
    '[ab]',
    '[^]c]',
    '(de)',
    '(abc|de)',
    'c?',
    'b+',
    'a*',
    'c{2}',
    'c{0,1}?',
    '{',
    '^',
    '$',
    '\\b',
    '🔥',
    '🔥?',
  );
  const pattern = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
  const text = fc
    .array(fc.constantFrom('abc', 'de', 'c', 'b', ' ', '.', '1', '{', '🔥', 'a'), { maxLength: 12 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(pattern, fc.array(text, { maxLength: 8 }), (asked, texts) => {
      let matches: (text: string) => boolean;
      try {
        matches = regexTest(asked);
      } catch {
        return;
      }
      const literals = regexLiterals(asked);
      for (const one of texts) {
        if (matches(one)) for (const literal of literals) assert.ok(one.includes(literal), `${asked} in ${one}`);
      }
    }),
    { numRuns: 3000 },
  );
});
