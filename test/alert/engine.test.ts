import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rule } from '../../schemas/rule.ts';
import { AlertEngine } from '../../src/alert/engine.ts';
import { evaluateRules } from '../../src/alert/evaluate.ts';
import { Incidents } from '../../src/alert/incidents.ts';
import { Memory } from '../../src/alert/memory.ts';
import { Outbox } from '../../src/alert/notify/outbox.ts';
import { StoreData } from '../../src/alert/store-data.ts';
import { InProcessBus } from '../../src/bus/in-process/in-process-bus.ts';
import { createLog } from '../../src/log.ts';
import type { Store } from '../../src/store/store.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { eventually } from '../fixtures/wait.ts';
import { openAlerting } from './alerting.ts';
import { collectDecisions } from './collected.ts';
import { aDelivery } from './delivery.ts';

const ERRORS = { service: 'pay', threshold: 1, windowMinutes: 5, cooldownMinutes: 0 };
const CPU = { type: 'threshold', service: 'gw', condition: { metric: 'cpu_usage', operator: 'gt', threshold: 90 } };

/** A store that cannot answer for one kind of events. */
function withoutKind(store: Store, kind: string): Store {
  const fail = () => Promise.reject(new Error('the disk is on fire'));
  return {
    ...store,
    aggregate: (query) => (query.kind === kind ? fail() : store.aggregate(query)),
    tally: (query) => (query.kind === kind ? fail() : store.tally(query)),
  };
}

test('a rule that cannot be evaluated is counted and named, and stops no other', async (t) => {
  const clock = fakeClock();
  const desk = await openAlerting(t, { clock, store: withoutKind(memoryStore({ clock }), 'metric') });
  const broken = await desk.rule(CPU);
  await desk.rule(ERRORS);
  await desk.logs(1);
  await desk.tick();
  assert.equal((await desk.incidents()).length, 1);
  const { failing, failures, breaches, rules } = desk.stats();
  assert.deepEqual([failing, failures, breaches, rules], [1, { [broken]: 'the disk is on fire' }, 1, 2]);
});

test('an incident stays as it is while its rule cannot be evaluated', async (t) => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const well = await openAlerting(t, { clock, store });
  await well.rule(ERRORS);
  await well.logs(1);
  await well.tick();
  await well.close();
  const blind = await openAlerting(t, { clock, store: withoutKind(store, 'log') });
  for (let minute = 0; minute < 30; minute++) await blind.after(60_000);
  assert.equal((await blind.incidents())[0]?.status, 'open');
});

test('a tick during a tick is skipped and counted', async (t) => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  let release = () => {};
  let held: Promise<void> | undefined;
  const slow: Store = {
    ...store,
    async tally(query) {
      await held;
      return store.tally(query);
    },
  };
  const desk = await openAlerting(t, { clock, store: slow });
  await desk.rule(ERRORS);
  held = new Promise((resolve) => {
    release = resolve;
  });
  const first = desk.tick();
  await desk.tick();
  await desk.tick();
  assert.deepEqual([desk.stats().ticks, desk.stats().skipped], [1, 2]);
  release();
  await first;
  assert.deepEqual([desk.stats().ticks, desk.stats().skipped], [2, 2]);
});

test('a tick that fails as a whole is counted, and the next one works', async (t) => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  let away = false;
  const documents: Store['documents'] = {
    ...store.documents,
    list: (collection, query) =>
      away ? Promise.reject(new Error('the store is away')) : store.documents.list(collection, query),
  };
  const desk = await openAlerting(t, { clock, store: { ...store, documents } });
  await desk.rule(ERRORS);
  await desk.logs(1);
  away = true;
  await desk.tick();
  assert.equal(desk.stats().failed_ticks, 1);
  away = false;
  await desk.tick();
  assert.equal((await desk.incidents()).length, 1);
});

test('rules that look at the same thing share a query', async () => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  let queries = 0;
  const counted: Store = {
    ...store,
    aggregate(query) {
      queries += 1;
      return store.aggregate(query);
    },
    tally(query) {
      queries += 1;
      return store.tally(query);
    },
  };
  const made = { lastTriggeredAt: null, createdAt: '2026-01-15T12:00:00.000Z', enabled: true };
  const rules = Array.from({ length: 1000 }, (_, index): Rule => {
    const common = { ...made, id: `r${index}`, name: `rule ${index}`, service: `s${index % 200}` };
    return index % 2 === 0
      ? { ...common, type: 'log_count', condition: { threshold: index, windowMinutes: 5, cooldownMinutes: 0 } }
      : { ...common, type: 'threshold', condition: { metric: `m${index % 7}`, operator: 'gt', threshold: index } };
  });
  const log = { level: 'error', message: 'no', timestamp: clock.now() } as const;
  await store.append(
    'log',
    Array.from({ length: 50 }, () => ({ ...log, service: 's10' })),
  );
  await store.append('metric', [{ service: 's11', name: 'm4', value: 12, timestamp: clock.now() }]);
  const evaluations = await evaluateRules(rules, new StoreData(counted, new Memory()), clock.now());
  const breached = [...evaluations].filter(
    ([, found]) => 'readings' in found && found.readings.some((one) => one.breached),
  );
  assert.equal(queries, 2);
  assert.equal(evaluations.size, 1000);
  assert.deepEqual(breached.map(([id]) => id).sort(), ['r0', 'r10', 'r11'].sort());
});

test('a replica that does not lead neither evaluates nor sends, and takes over what is waiting when it does', async (t) => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const { documents } = store;
  const log = createLog({ logLevel: 'silent' });
  const sent: string[] = [];
  let leads = false;
  const outbox = new Outbox({
    documents,
    clock,
    log,
    async send({ id }) {
      sent.push(id);
      return { ok: true, status: 200 };
    },
  });
  t.after(() => outbox.stop());
  const incidents = new Incidents({ documents, bus: new InProcessBus(log), outbox, log, publicUrl: undefined });
  const { decided, log: decisions } = collectDecisions();
  const engine = new AlertEngine({
    store,
    clock,
    log,
    incidents,
    outbox,
    retentionMs: 86_400_000,
    isLeader: () => leads,
    decisions,
  });
  const made = {
    id: 'r1',
    name: 'errors',
    enabled: true,
    lastTriggeredAt: null,
    createdAt: '2026-01-15T12:00:00.000Z',
  };
  const condition = { threshold: 1, windowMinutes: 5, cooldownMinutes: 0 };
  await documents.insert('rules', { ...made, type: 'log_count', condition, webhook: 'https://hooks.example.com/x' });
  await documents.insert('deliveries', aDelivery());
  await store.append('log', [{ service: 'pay', level: 'error', message: 'no', timestamp: clock.now() }]);

  await engine.tick();
  assert.deepEqual([sent, decided, (await documents.list('incidents')).total], [[], [], 0]);
  leads = true;
  await engine.tick();
  await eventually(() => sent.length === 2, 'the old delivery and the new one');
  assert.equal(sent[0], 'd1');
  assert.deepEqual(
    decided.map(({ outcome, reading }) => [outcome, reading.value]),
    [['opened', 1]],
  );
});
