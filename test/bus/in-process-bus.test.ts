import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InProcessBus } from '../../src/bus/in-process/in-process-bus.ts';
import { HISTORY_EVENTS, UNDELIVERED_EVENTS } from '../../src/bus/in-process/topic-ring.ts';
import { busContract } from '../fixtures/bus-contract.ts';
import { logBatch } from '../fixtures/live-samples.ts';
import { eventually } from '../fixtures/wait.ts';

const silent = { error() {} };

busContract('in-process', async () => new InProcessBus(silent), { forgetsAfter: HISTORY_EVENTS });

test('a whole turn of heavy ingest reaches a listener without a gap', async () => {
  const bus = new InProcessBus(silent);
  const story: (number | 'gap')[] = [];
  bus.subscribe('log', (delivery) => {
    story.push(delivery.type === 'gap' ? 'gap' : delivery.payload.events.length);
  });
  for (let batch = 0; batch < 5; batch++) bus.publish('log', logBatch(batch * 10_000, 10_000));
  await eventually(() => story.length === 5, 'five batches');
  assert.deepEqual(story, [10_000, 10_000, 10_000, 10_000, 10_000]);
  await bus.close();
});

test('what waits for delivery is bounded', async () => {
  const bus = new InProcessBus(silent);
  const story: (number | 'gap')[] = [];
  bus.subscribe('log', (delivery) => {
    story.push(delivery.type === 'gap' ? 'gap' : delivery.payload.events.length);
  });
  const batch = logBatch(0, 10_000);
  for (let count = 0; count < 20; count++) bus.publish('log', batch);
  await eventually(() => story.length > 1, 'delivery');
  assert.equal(story[0], 'gap');
  assert.equal(story.length - 1, Math.floor(UNDELIVERED_EVENTS / 10_000));
  await bus.close();
});

test('what a listener throws is logged', async () => {
  const logged: unknown[] = [];
  const bus = new InProcessBus({ error: (fields: unknown) => logged.push(fields) });
  const trouble = new Error('a listener in trouble');
  bus.subscribe('log', () => {
    throw trouble;
  });
  bus.publish('log', logBatch(0, 1));
  await eventually(() => logged.length > 0, 'a line in the log');
  assert.deepEqual(logged, [{ err: trouble }]);
  await bus.close();
});
