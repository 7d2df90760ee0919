import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DIRECTORY_BYTES, mayHave, RANGE, WordSetWriter } from '../../../src/store/embedded/word-set.ts';

function lookup(set: Buffer): (word: number) => boolean {
  const directory = set.subarray(0, DIRECTORY_BYTES);
  return (word) =>
    mayHave(directory, word, (start, end) => set.subarray(DIRECTORY_BYTES + start, DIRECTORY_BYTES + end));
}

const word = fc.integer({ min: 0, max: RANGE - 1 });

test('a set has what was added and nothing else', () => {
  const writer = new WordSetWriter();
  const near = word.chain((first) => fc.constantFrom(first, 0, RANGE - 1, (first + 1) % RANGE));
  fc.assert(
    fc.property(fc.array(near, { maxLength: 200 }), fc.array(word, { maxLength: 50 }), (added, others) => {
      for (const one of added) writer.add(one);
      const has = lookup(writer.take());
      for (const one of added) assert.ok(has(one), `${one} is missing`);
      for (const one of others) assert.equal(has(one), added.includes(one));
    }),
  );
});

test('a crowded set has exactly what was added too', () => {
  const writer = new WordSetWriter();
  const isIn = (one: number) => (one * 2654435761) % 3 === 0;
  for (let one = 0; one < RANGE; one++) if (isIn(one)) writer.add(one);
  const has = lookup(writer.take());
  for (let one = 0; one < RANGE; one += 997) assert.equal(has(one), isIn(one));
});

test('25,000 words take less than 11 bits each', () => {
  const writer = new WordSetWriter();
  for (let one = 0; one < 25_000; one++) writer.add(Math.imul(one, 2654435761) >>> 9);
  assert.ok(writer.take().length * 8 < 25_000 * 11);
});

test('a bucket that is damaged may have anything', () => {
  const writer = new WordSetWriter();
  for (let one = 0; one < RANGE; one += 1000) writer.add(one);
  const set = writer.take();
  for (let at = DIRECTORY_BYTES; at < set.length; at++) set[at] = (set[at] ?? 0) ^ 0x10;
  const has = lookup(set);
  for (let one = 0; one < RANGE; one += 12_345) assert.ok(has(one));
});

test('a word far behind the one before it, among many', () => {
  const writer = new WordSetWriter();
  for (let one = 0; one < 60_000; one++) writer.add(one);
  writer.add(RANGE / 128 - 1);
  const has = lookup(writer.take());
  assert.ok(has(0) && has(59_999) && has(RANGE / 128 - 1));
  assert.ok(!has(60_000) && !has(RANGE / 128 - 2) && !has(RANGE - 1));
});
