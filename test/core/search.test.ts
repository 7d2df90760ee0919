import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../schemas/limits.ts';
import { all, type Filter } from '../../src/core/filter.ts';
import { FilterError } from '../../src/core/filter-error.ts';
import { parseSearch } from '../../src/core/search.ts';

const phrase = (text: string): Filter => ({ op: 'phrase', text });
const not = (text: string): Filter => ({ op: 'not', filter: phrase(text) });

test('words, phrases and what must not be there', () => {
  const rows: readonly (readonly [string, Filter])[] = [
    ['error', phrase('error')],
    ['  error   timeout ', all(phrase('error'), phrase('timeout'))],
    ['"timed out" error', all(phrase('timed out'), phrase('error'))],
    ['-retry', not('retry')],
    ['a -"b c" -d', all(phrase('a'), not('b c'), not('d'))],
    ['"say \\"hi\\" now"', phrase('say "hi" now')],
    ['"C:\\temp\\x"', phrase('C:\\temp\\x')],
    ['key="a', phrase('key="a')],
    ['a-b --c -', all(phrase('a-b'), not('-c'), phrase('-'))],
    ['"-not a minus"', phrase('-not a minus')],
    ['日本\u3000語', all(phrase('日本'), phrase('語'))],
    ["'; DROP", all(phrase("';"), phrase('DROP'))],
  ];
  for (const [text, want] of rows) assert.deepEqual(parseSearch(text), want, text);
});

test('what makes no sense is refused by name', () => {
  for (const text of [
    '',
    '  ',
    '"',
    '"open',
    '-"open',
    '"a"b',
    '""',
    '-""',
    'a '.repeat(33),
    'x'.repeat(LIMITS.searchText + 1),
  ]) {
    assert.throws(
      () => parseSearch(text),
      (error) => error instanceof FilterError && error.field === 'q',
      text.slice(0, 20),
    );
  }
});
