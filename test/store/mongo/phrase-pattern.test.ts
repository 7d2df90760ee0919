import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { phraseTest } from '../../../src/core/words.ts';
import { phrasePattern } from '../../../src/store/mongo/phrase-pattern.ts';

/** The same expression in JavaScript's spelling. */
const inJavaScript = (text: string) => new RegExp(phrasePattern(text).replaceAll('\\x{', '\\u{'), 'u');

test('the expression finds what the words mean', () => {
  const part = fc.constantFrom(
    'time',
    'Time',
    'out',
    'ΟΔΟΣ',
    'οδος',
    'İ',
    'i',
    'ß',
    'K',
    'k',
    '_',
    '4',
    '🔥',
    '𝒳',
    'ǅ',
    ' ',
    '.',
    '(',
    '\\',
    '^',
    '\n',
    '\u0000',
  );
  const text = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, (phrase, message) => {
      assert.equal(inJavaScript(phrase).test(message), phraseTest(phrase)(message));
    }),
    { numRuns: 2000 },
  );
});

test('letters of every script find their other case', () => {
  for (const letter of ['É', 'Я', 'Ω', 'Ꭰ', '𐐀', '\u2126', '\u212a', 'ẞ']) {
    assert.ok(inJavaScript(letter.toLowerCase()).test(letter), letter);
    assert.ok(inJavaScript(letter).test(letter.toLowerCase()), letter);
  }
});
