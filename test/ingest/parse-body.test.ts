import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseBody } from '../../src/ingest/parse-body.ts';

/** Lines from empty to longer than what is decoded at a time, in letters of one to four bytes. */
const line = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '\t\r') },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom('a', 'ü', '€', '😀'), fc.oneof(fc.nat(200), fc.nat(40_000)))
      .map(([letter, length]) => JSON.stringify({ message: letter.repeat(length) })),
  },
);

test('lines are read one by one, however long they are and wherever they end', () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
      const expected = lines
        .filter((text) => text.trim() !== '')
        .map((text) => ({ value: JSON.parse(text) as unknown }));
      fc.pre(expected.length > 0);
      for (const text of [lines.join(end), `\ufeff${lines.join(end)}${end}`]) {
        const body = parseBody(Buffer.from(text), true);
        assert.deepEqual('many' in body && body.many, expected);
      }
    }),
    { numRuns: 50 },
  );
});

test('a line that is no JSON is one refused item among the others', () => {
  const long = JSON.stringify({ message: 'x'.repeat(20_000) });
  const body = parseBody(Buffer.from(`{"a":1}\n${long.slice(0, -1)}\n${long}\nnonsense\n{"b":2}`), true);
  assert.ok('many' in body);
  assert.deepEqual(
    body.many.map((item) => ('error' in item ? item.error.code : 'read')),
    ['read', 'LW_INVALID_JSON', 'read', 'LW_INVALID_JSON', 'read'],
  );
});
