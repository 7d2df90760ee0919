import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeCursor, encodeCursor } from '../../src/core/cursor.ts';

test('a place comes back, and its text needs no escaping in a URL', () => {
  const place = fc
    .tuple(fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }))
    .map(([timestamp, id]) => ({ timestamp, id }));
  fc.assert(
    fc.property(place, (before) => {
      const text = encodeCursor(before);
      assert.match(text, /^[\w-]+$/);
      assert.deepEqual(decodeCursor(text), before);
    }),
  );
});

test('any other text is no place', () => {
  const of = (text: string) => Buffer.from(text).toString('base64url');
  for (const text of [
    '',
    '!',
    of(''),
    of('1'),
    of('1,'),
    of(',1'),
    of('x,1'),
    of('1.5,1'),
    of('01,1'),
    `${of('1,2')}=`,
    of(`1,${'x'.repeat(129)}`),
  ]) {
    assert.equal(decodeCursor(text), undefined, text);
  }
});
