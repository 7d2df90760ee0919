import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldCase, phraseTest, WORD_CHARACTER } from '../../src/core/words.ts';

test('foldCase takes each code point for itself', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['', ''],
    ['Order 17', 'order 17'],
    ['STRASSE ẞ', 'strasse ß'],
    ['İzmir', 'izmir'],
    ['ΟΔΟΣ ΣΑΣ', 'οδοσ σασ'],
    ['K', 'k'],
    ['𐐀', '𐐨'],
    ['日本🔥', '日本🔥'],
  ];
  for (const [text, want] of rows) assert.equal(foldCase(text), want, text);
});

test('folding a text is folding its code points', () => {
  const each = (text: string) => Array.from(text, (point) => foldCase(point)).join('');
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom('Σ', 'İ', 'A')),
      }),
      (text) => {
        assert.equal(foldCase(text), each(text));
      },
    ),
  );
});

test('a phrase stands in a message whole, whatever its case', () => {
  const rows: readonly (readonly [phrase: string, message: string, want: boolean])[] = [
    ['time', 'time', true],
    ['TIME', 'a Time=3', true],
    ['time', '(time)', true],
    ['time', 'timeout', false],
    ['time', 'overtime', false],
    ['time', 'time_out', false],
    ['time', 'time2', false],
    ['time', 'timeout, but in time', true],
    ['time', 'zeit·time·', true],
    ['time', 'étime', false],
    ['time', '𝒳time', false],
    ['time', '🔥time🔥', true],
    ['𝒳', '𝒳a', false],
    ['𝒳', 'a 𝒳', true],
    ['timed out', 'it timed out.', true],
    ['timed out', 'timed  out', false],
    ['timed out', 'timed outside', false],
    ['=42', 'time=42', true],
    ['=42', 'time=421', false],
    ['a.', 'a.b', true],
    ['.', 'a.b', true],
    ['%', '100%', true],
    ['_', 'a_b', false],
    ['ΟΔΟΣ', 'οδος', false],
    ['οδοσ', 'ΟΔΟΣ', true],
    ['aa', 'aaa aa', true],
    ['', '', true],
    ['', 'x', true],
    ['x', '', false],
    ['\u0000', 'a\u0000b', true],
  ];
  for (const [phrase, message, want] of rows)
    assert.equal(phraseTest(phrase)(message), want, `${phrase} in ${message}`);
});

test('it means what this regular expression means', () => {
  const unit = fc.constantFrom('a', 'B', 'é', '_', '7', ' ', '.', '𝒳', '🔥', 'Σ');
  const word = new RegExp(WORD_CHARACTER, 'u');
  fc.assert(
    fc.property(
      fc.string({ unit, maxLength: 3, minLength: 1 }),
      fc.string({ unit, maxLength: 12 }),
      (phrase, message) => {
        const points = Array.from(foldCase(phrase));
        const before = word.test(points.at(0) ?? '') ? `(?<!${WORD_CHARACTER})` : '';
        const after = word.test(points.at(-1) ?? '') ? `(?!${WORD_CHARACTER})` : '';
        const naive = new RegExp(`${before}${foldCase(phrase).replaceAll('.', '\\.')}${after}`, 'u');
        assert.equal(phraseTest(phrase)(message), naive.test(foldCase(message)));
      },
    ),
    { numRuns: 1000 },
  );
});
