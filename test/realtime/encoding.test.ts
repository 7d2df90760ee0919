import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enveloped, PLAIN, SERVER_SENT_EVENTS, textFrame } from '../../src/realtime/encoding.ts';

test('a frame says its length in the shortest form', () => {
  const rows: [size: number, head: number[]][] = [
    [0, [0x81, 0]],
    [125, [0x81, 125]],
    [126, [0x81, 126, 0, 126]],
    [65_535, [0x81, 126, 0xff, 0xff]],
    [65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
  ];
  for (const [size, head] of rows) {
    const frame = textFrame('a'.repeat(size));
    assert.deepEqual([...frame.subarray(0, head.length)], head);
    assert.equal(frame.length, head.length + size);
  }
});

test('a frame counts bytes, not characters', () => {
  assert.deepEqual([...textFrame('é')], [0x81, 2, 0xc3, 0xa9]);
});

test('each encoding says an event and a gap in its own way', () => {
  const text = (bytes: Buffer) => bytes.subarray(bytes[0] === 0x81 ? 2 : 0).toString();
  assert.equal(text(PLAIN.event('{"id":"7"}', '7')), '{"id":"7"}');
  assert.equal(text(PLAIN.gap({ type: 'gap', dropped: 3 })), '{"type":"gap","dropped":3}');
  assert.equal(text(SERVER_SENT_EVENTS.event('{"id":"7"}', '7')), 'id: 7\ndata: {"id":"7"}\n\n');
  assert.equal(text(SERVER_SENT_EVENTS.gap({ type: 'gap' })), 'event: gap\ndata: {"type":"gap"}\n\n');
  const logs = enveloped('logs');
  assert.equal(text(logs.event('{"id":"7"}', '7')), '{"type":"event","channel":"logs","data":{"id":"7"}}');
  assert.equal(text(logs.gap({ type: 'gap', dropped: 3 })), '{"type":"gap","dropped":3,"channel":"logs"}');
});
