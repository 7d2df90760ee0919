import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FileLine, MAX_LINE_BYTES, splitLines } from '../../src/agent/split-lines.ts';

const texts = (bytes: string | Buffer, final = false) =>
  splitLines(Buffer.from(bytes), 0, 1000, final).lines.map(({ text }) => text);

test('lines end with their newline; a last one without waits, unless nothing will follow', () => {
  assert.deepEqual(texts('one\ntwo\nthr'), ['one', 'two']);
  assert.deepEqual(texts('one\ntwo\nthr', true), ['one', 'two', 'thr']);
  assert.deepEqual(texts('one\r\n\n\r\ntwo\n'), ['one', 'two']);
  assert.deepEqual(texts(''), []);
});

test('hostile bytes: invalid UTF-8 is replaced, a mark and a hole at the start are cut', () => {
  assert.deepEqual(texts(Buffer.from([0x61, 0xff, 0x62, 0x0a])), ['a\ufffdb']);
  assert.deepEqual(texts('\ufeffone\n'), ['one']);
  assert.deepEqual(texts('\0\0\0one\n'), ['one']);
  assert.deepEqual(texts('a\0b\u001b[31m\n'), ['a\0b\u001b[31m']);
});

test('a line that is too long is split at characters and marked; nothing of it is lost', () => {
  const long = 'ä'.repeat(MAX_LINE_BYTES);
  const { lines } = splitLines(Buffer.from(`x${long}\nnext\n`), 0, 1000);
  assert.deepEqual(
    lines.map(({ continues }) => continues),
    [true, true, false, false],
  );
  assert.equal(
    lines
      .slice(0, 3)
      .map(({ text }) => text)
      .join(''),
    `x${long}`,
  );
  assert.ok(lines.every(({ text }) => Buffer.byteLength(text) <= MAX_LINE_BYTES));
  const garbage = splitLines(Buffer.alloc(MAX_LINE_BYTES + 5, 0xff), 0, 1000, true).lines;
  assert.ok(garbage.every(({ text }) => Buffer.byteLength(text) <= MAX_LINE_BYTES));
});

test('however a file is read in parts, the same lines come at the same offsets', () => {
  const parts = (bytes: Buffer, most: number): readonly FileLine[] => {
    const lines: FileLine[] = [];
    for (let at = 0; ; ) {
      const split = splitLines(bytes.subarray(at), at, most);
      lines.push(...split.lines);
      if (split.end === at) return lines;
      at = split.end;
    }
  };
  const text = fc.array(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), { maxLength: 20 });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 5 }), (lines, most) => {
      const bytes = Buffer.from(lines.join('\n'));
      assert.deepEqual(parts(bytes, most), splitLines(bytes, 0, 10_000).lines);
    }),
  );
});
