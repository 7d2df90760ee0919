import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventOf } from '../../src/core/event.ts';
import { storedEvent, toWire } from '../../src/core/event.ts';
import type { Encoding } from '../../src/realtime/encoding.ts';
import { encode, LiveBatch, liveEvents } from '../../src/realtime/live-batch.ts';
import { logBatch } from '../fixtures/live-samples.ts';

const BARE: Encoding = { event: (json) => Buffer.from(json), gap: () => Buffer.alloc(0) };

test('an event is sent as every other answer shows it', () => {
  const rows: Partial<EventOf<'log'>>[] = [
    {},
    { event_id: 'of-its-sender', trace_id: 't', tags: { region: 'eu' }, meta: { deep: { er: [1, null] } } },
    { host: 'web-1', message: '"quoted" \u2028 \ud83d\ude00' },
  ];
  for (const fields of rows) {
    const batch = logBatch(7, 2, fields);
    const live = liveEvents(batch);
    for (const index of [0, 1]) {
      assert.equal(live.bytes(BARE, index).toString(), JSON.stringify(toWire(storedEvent(batch, index))));
    }
  }
});

test('an item is made into JSON once, whatever the encodings, and into bytes once an encoding', () => {
  let made = 0;
  let encoded = 0;
  const batch = new LiveBatch(['a', 'b'], String, (item) => {
    made++;
    return item;
  });
  const counting = (): Encoding => ({
    ...BARE,
    event(json) {
      encoded++;
      return Buffer.from(json);
    },
  });
  const [one, other] = [counting(), counting()];
  for (const encoding of [one, one, other, one]) encode([batch.all], encoding);
  assert.deepEqual([made, encoded], [2, 4]);
});

test('large items are cut into chunks at their bounds', () => {
  const batch = new LiveBatch(
    Array.from({ length: 10 }, () => 'x'.repeat(100_000)),
    String,
    (item) => JSON.stringify(item),
  );
  const chunks = encode([batch.all], BARE);
  assert.deepEqual(
    chunks.map(({ items }) => items),
    [2, 2, 2, 2, 2],
  );
  assert.ok(chunks.every(({ bytes }) => bytes.length === 200_004));
});
