import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DecidedOn, DecisionLog } from '../../src/alert/decision-log.ts';
import { createLog } from '../../src/log.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { NOON } from './delivery.ts';

const TICK_MS = 30_000;
const LOG = createLog({ logLevel: 'silent' });
const RULES = new Set(['r1']);

type What = Partial<Pick<DecidedOn, 'outcome' | 'incidentId' | 'silenceId' | 'deliveryIds' | 'telling' | 'ruleId'>>;

function decided(tick: number, own: What = {}): DecidedOn {
  const { outcome = 'not_breached', ...rest } = own;
  const breached = !['not_breached', 'no_data', 'clearing', 'resolved'].includes(outcome);
  return {
    rule: {
      type: 'log_count',
      name: 'errors',
      enabled: true,
      condition: { threshold: 5, windowMinutes: 5, cooldownMinutes: 0 },
    },
    reading: { service: 'pay', group: null, breached, value: breached ? 7 : 1, count: 0 },
    outcome,
    now: NOON + tick * TICK_MS,
    ruleId: 'r1',
    incidentId: 'i1',
    silenceId: null,
    deliveryIds: [],
    ...rest,
  };
}

function open() {
  const { documents } = memoryStore();
  const writes: string[] = [];
  const counted: typeof documents = {
    ...documents,
    insert(collection, document) {
      writes.push(`insert ${document.id}`);
      return documents.insert(collection, document);
    },
    update(collection, document, version) {
      writes.push(`update ${document.id}`);
      return documents.update(collection, document, version);
    },
  };
  return { documents: counted, log: new DecisionLog(counted, LOG), writes };
}

async function outcomes(log: DecisionLog) {
  const { data } = await log.list({ incident_id: 'i1' }, 0, 50);
  return data.map(({ outcome, count }) => `${outcome} ${count}`);
}

test('evaluations in a row that come to the same are one decision, with the last of their reasons', async () => {
  const { log } = open();
  for (let tick = 0; tick < 100; tick++) log.record(decided(tick));
  const { data, total } = await log.list({ ruleId: 'r1' }, 0, 50);
  assert.equal(total, 1);
  assert.deepEqual(
    [data[0]?.count, data[0]?.at, data[0]?.until, data[0]?.reason],
    [100, '2026-01-15T12:00:00.000Z', '2026-01-15T12:49:30.000Z', '1 matching log in 5m; the limit is 5.'],
  );
});

test('what happens is a decision of its own, and what comes after it begins anew', async () => {
  const { log } = open();
  const story: [What, number][] = [
    [{}, 3],
    [{ outcome: 'opened', deliveryIds: ['d1'], telling: { outcome: 'paged', targets: 1 } }, 1],
    [{ outcome: 'updated' }, 4],
    [{ outcome: 'clearing' }, 2],
    [{ outcome: 'resolved', deliveryIds: ['d2'] }, 1],
    [{}, 2],
  ];
  let tick = 0;
  for (const [what, times] of story) for (let time = 0; time < times; time++) log.record(decided(tick++, what));
  await log.flush(RULES, NOON + tick * TICK_MS);
  assert.deepEqual(await outcomes(log), [
    'not_breached 2',
    'not_breached 1',
    'not_breached 2',
    'updated 4',
    'paged 1',
    'not_breached 3',
  ]);
});

test('what flaps is counted where it was before, for an hour', async () => {
  const { log } = open();
  for (let tick = 0; tick < 100; tick++)
    log.record(decided(tick, { outcome: tick % 2 === 0 ? 'updated' : 'clearing' }));
  assert.deepEqual(await outcomes(log), ['not_breached 50', 'updated 50']);
  for (let tick = 100; tick < 200; tick++)
    log.record(decided(tick, { outcome: tick % 2 === 0 ? 'updated' : 'clearing' }));
  assert.equal((await outcomes(log)).length, 4);
});

test('a silence that goes on is one decision, another silence another', async () => {
  const { log } = open();
  const telling = { outcome: 'silenced', targets: 0, reason: 'maintenance' } as const;
  log.record(decided(0, { outcome: 'opened', silenceId: 's1', telling }));
  for (let tick = 1; tick < 5; tick++) log.record(decided(tick, { outcome: 'updated', silenceId: 's1', telling }));
  for (let tick = 5; tick < 8; tick++) log.record(decided(tick, { outcome: 'updated', silenceId: 's2', telling }));
  assert.deepEqual(await outcomes(log), ['silenced 3', 'silenced 5']);
});

test('that nothing happens is stored in its time, what happens at once', async () => {
  const { log, writes } = open();
  for (let tick = 0; tick < 240; tick++) {
    log.record(decided(tick));
    await log.flush(RULES, NOON + tick * TICK_MS);
  }
  assert.ok(writes.length <= 13, `${writes.length} writes in two hours`);
  const before = writes.length;
  log.record(decided(240, { outcome: 'opened', telling: { outcome: 'paged', targets: 0 } }));
  await log.flush(RULES, NOON + 240 * TICK_MS);
  // What ended, and what began.
  assert.equal(writes.length, before + 2);
});

test('a thousand rules that are well write no thousand documents at a tick', async () => {
  const { log, writes } = open();
  const rules = new Set(Array.from({ length: 1000 }, (_, index) => `r${index}`));
  for (const ruleId of rules) log.record(decided(0, { ruleId, incidentId: `i${ruleId}` }));
  await log.flush(rules, NOON);
  assert.ok(writes.length <= 50);
});

test('another log goes on where the first was when it last wrote', async () => {
  const { documents, log } = open();
  log.record(decided(0, { outcome: 'opened', telling: { outcome: 'paged', targets: 0 } }));
  for (let tick = 1; tick < 4; tick++) log.record(decided(tick, { outcome: 'updated' }));
  await log.flush(RULES, NOON);
  const next = new DecisionLog(documents, LOG);
  await next.load();
  next.record(decided(4, { outcome: 'updated' }));
  assert.deepEqual(await outcomes(next), ['updated 4', 'paged 1']);
  await next.flush(RULES, NOON + 3_600_000);
  assert.deepEqual(await outcomes(new DecisionLog(documents, LOG)), ['updated 4', 'paged 1']);
});

test('decisions of a rule that is gone end, and a store that is away is tried again', async () => {
  const { documents, writes } = open();
  let away = true;
  const failing = {
    ...documents,
    insert: (...given: Parameters<typeof documents.insert>) =>
      away ? Promise.reject(new Error('away')) : documents.insert(...given),
  };
  const log = new DecisionLog(failing as typeof documents, LOG);
  log.record(decided(0));
  await log.flush(new Set(), NOON);
  assert.deepEqual(writes, []);
  away = false;
  await log.flush(new Set(), NOON);
  const { items } = await documents.list('decisions');
  assert.deepEqual(
    items.map(({ document }) => [document.status, document.outcome]),
    [['past', 'not_breached']],
  );
});

test('lists are cut into pages across what is stored and what is not yet', async () => {
  const { log } = open();
  for (let tick = 0; tick < 6; tick++) {
    log.record(decided(tick, { outcome: 'opened', telling: { outcome: 'paged', targets: 0 } }));
    await log.flush(RULES, NOON);
  }
  log.record(decided(6));
  const all = await log.list({ ruleId: 'r1' }, 0, 50);
  assert.equal(all.total, 7);
  const pages = await Promise.all([0, 3, 6].map((offset) => log.list({ ruleId: 'r1' }, offset, 3)));
  assert.deepEqual(
    pages.flatMap(({ data }) => data.map(({ id }) => id)),
    all.data.map(({ id }) => id),
  );
  assert.equal(all.data[0]?.outcome, 'not_breached');
});
