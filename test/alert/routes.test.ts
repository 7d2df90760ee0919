import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { StoredDelivery } from '../../schemas/delivery.ts';
import { AlertEngine } from '../../src/alert/engine.ts';
import { Incidents } from '../../src/alert/incidents.ts';
import { Outbox } from '../../src/alert/notify/outbox.ts';
import type { Page, Verdict } from '../../src/alert/route.ts';
import { InProcessBus } from '../../src/bus/in-process/in-process-bus.ts';
import { acknowledge } from '../../src/core/incident.ts';
import { createLog } from '../../src/log.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { eventually } from '../fixtures/wait.ts';
import { collectDecisions } from './collected.ts';

const MINUTE_MS = 60_000;
const TARGET = { channel_id: 'c1', type: 'slack', url: null } as const;
const SILENCED: Verdict = { outcome: 'silenced', targets: [], silenceId: 's1', reason: 'maintenance' };
const PAGED: Verdict = { outcome: 'paged', targets: [TARGET] };

/** An engine with one breached rule, whose pages are decided by `route`. */
async function openEngine(t: TestContext, route: (page: Page) => Verdict) {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const { documents } = store;
  const log = createLog({ logLevel: 'silent' });
  const sent: StoredDelivery[] = [];
  const outbox = new Outbox({
    documents,
    clock,
    log,
    async send(delivery) {
      sent.push(delivery);
      return { ok: true, status: 200 };
    },
  });
  t.after(() => outbox.stop());
  const incidents = new Incidents({ documents, bus: new InProcessBus(log), outbox, log, publicUrl: undefined });
  const { decided, log: decisions } = collectDecisions();
  const readRoutes = async () => ({ route });
  const retentionMs = 90 * 86_400_000;
  const engine = new AlertEngine({ store, clock, log, incidents, outbox, retentionMs, readRoutes, decisions });
  const made = { enabled: true, lastTriggeredAt: null, createdAt: '2026-01-15T12:00:00.000Z' };
  const condition = { threshold: 1, windowMinutes: 1, cooldownMinutes: 0 };
  await documents.insert('rules', { ...made, id: 'r1', name: 'errors', type: 'log_count', service: 'pay', condition });
  return {
    decided,
    sent,
    incidents,
    /** A minute later, with or without another error, evaluated. */
    async after(errors: number) {
      clock.advance(MINUTE_MS);
      const log = { service: 'pay', level: 'error', message: 'no', timestamp: clock.now() } as const;
      await store.append(
        'log',
        Array.from({ length: errors }, () => log),
      );
      await engine.tick();
    },
    async incident() {
      const { items } = await documents.list('incidents');
      return items[0]?.document ?? assert.fail('there is no incident');
    },
  };
}

test('what decides who is told sees the rule and its labels', async (t) => {
  const pages: Page[] = [];
  const desk = await openEngine(t, (page) => {
    pages.push(page);
    return PAGED;
  });
  await desk.after(1);
  assert.deepEqual(
    pages.map(({ kind, labels }) => [kind, labels]),
    [['error_alert', { service: 'pay', rule: 'r1', name: 'errors', type: 'log_count', severity: 'warning' }]],
  );
  await eventually(() => desk.sent.length === 1, 'the delivery');
  assert.deepEqual([desk.sent[0]?.target, desk.sent[0]?.channel_id], ['c1', 'c1']);
});

test('a silence mutes the notification, not the incident, and nobody hears of the end either', async (t) => {
  const desk = await openEngine(t, () => SILENCED);
  await desk.after(1);
  const { status, mutedBy } = await desk.incident();
  assert.deepEqual([status, mutedBy], ['open', 's1']);
  await desk.after(0);
  await desk.after(0);
  assert.equal((await desk.incident()).status, 'resolved');
  assert.deepEqual(desk.sent, []);
  assert.deepEqual(
    desk.decided.map(({ outcome, telling }) => [outcome, telling?.outcome]),
    [
      ['opened', 'silenced'],
      ['clearing', undefined],
      ['resolved', undefined],
    ],
  );
});

test('a breach that outlasts its silence is told when that ends, once, and so is its end', async (t) => {
  const verdicts = [SILENCED, SILENCED, PAGED];
  const desk = await openEngine(t, () => verdicts.shift() ?? assert.fail('asked again'));
  for (let minute = 0; minute < 5; minute++) await desk.after(1);
  await eventually(() => desk.sent.length === 1, 'the late page');
  assert.equal(desk.sent[0]?.kind, 'error_alert');
  assert.equal((await desk.incident()).mutedBy, null);
  await desk.after(0);
  await desk.after(0);
  await eventually(() => desk.sent.length === 2, 'the end');
  assert.deepEqual(
    desk.sent.map(({ kind }) => kind),
    ['error_alert', 'alert_resolved'],
  );
});

test('who has acknowledged an incident is not called when its silence ends', async (t) => {
  const verdicts = [SILENCED];
  const desk = await openEngine(t, () => verdicts.shift() ?? assert.fail('asked again'));
  await desk.after(1);
  const { id } = await desk.incident();
  await desk.incidents.change(id, (incident) => {
    const next = acknowledge(incident, 'ann', Date.UTC(2026, 0, 15, 13));
    return next === undefined ? undefined : { incident: next, event: 'acknowledged' };
  });
  await desk.after(1);
  assert.deepEqual(desk.sent, []);
});
