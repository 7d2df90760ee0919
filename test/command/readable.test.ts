import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { readableLine } from '../../src/command/readable-log.ts';
import { gapLine, tailLine } from '../../src/command/tail-line.ts';
import { inertLine, inertText } from '../../src/core/inert-text.ts';

const plain = (text: string) => stripVTControlCharacters(text);

test('text for a terminal moves nothing and turns nothing around', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['plain ä 漢 🙂\tx', 'plain ä 漢 🙂\tx'],
    ['\u001b[31mred\u001b]0;title\u0007', '\\x1b[31mred\\x1b]0;title\\x07'],
    ['a\rb\u009bc\u0000', 'a\\x0db\\x9bc\\x00'],
    ['\u202eabc\u2066\u200f\ufeff\u2028', '\\u202eabc\\u2066\\u200f\\ufeff\\u2028'],
    ['two\nlines', 'two\nlines'],
  ];
  for (const [text, want] of rows) assert.equal(inertText(text), want);
  assert.equal(inertLine('two\nlines'), 'two\\nlines');
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{Cc}\p{Bidi_Control}]/u.test(inertLine(text))));
});

test('an event is a line; further lines of its message cannot pass for events', () => {
  const event = {
    timestamp: '2026-01-15T10:30:00.123Z',
    level: 'error',
    service: 'pay',
    message: 'it broke\n12:00 info pay fine',
  };
  const lines = plain(tailLine(event)).split('\n');
  assert.match(lines[0] ?? '', /^\d\d:\d\d:00\.123 error pay {12}it broke$/);
  assert.deepEqual(lines.slice(1), ['             │ 12:00 info pay fine']);
  assert.match(plain(tailLine({})), /^--:--:--/);
  assert.match(gapLine(12), /12 events were left out/);
  assert.match(gapLine(undefined), /some events were left out/);
});

test('the log for a person: time, level, message, fields, and the error below', () => {
  const time = Date.UTC(2026, 0, 15, 10, 30);
  const record = {
    level: 40,
    time,
    pid: 1,
    hostname: 'h',
    msg: 'slow',
    ms: 7,
    err: { type: 'Error', message: 'm', stack: 'Error: m\n    at x' },
  };
  assert.equal(plain(readableLine(JSON.stringify(record))), '10:30:00.000 warn  slow ms=7\n    Error: m\n    at x\n');
  assert.equal(readableLine('no record\u001b\n'), 'no record\\x1b\n');
});
