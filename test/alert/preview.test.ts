import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Preview } from '../../schemas/preview.ts';
import type { RuleSpec } from '../../schemas/rule.ts';
import { AlertEngine } from '../../src/alert/engine.ts';
import { Incidents } from '../../src/alert/incidents.ts';
import { Outbox } from '../../src/alert/notify/outbox.ts';
import { preview } from '../../src/alert/preview/preview.ts';
import type { Page, Routes } from '../../src/alert/route.ts';
import { routesOf } from '../../src/alert/router.ts';
import { InProcessBus } from '../../src/bus/in-process/in-process-bus.ts';
import { formatTimestamp } from '../../src/core/timestamp.ts';
import { createLog } from '../../src/log.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { openAlerting } from './alerting.ts';
import { collectDecisions } from './collected.ts';
import { anyHistory, anySpec, happen } from './random-rules.ts';

const STEP_MS = 30_000;
const MINUTE_MS = 60_000;
const LOG = createLog({ logLevel: 'silent' });

/** The openings and ends of a live engine that ticks at the end of every step, and those of a preview of the same time. */
async function both(spec: RuleSpec, history: Parameters<typeof happen>[2], routes: Routes) {
  // Begins with a step, as a preview evaluates at the last millisecond of each.
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const { documents } = store;
  const start = clock.now();
  const outbox = new Outbox({ documents, clock, log: LOG, send: async () => ({ ok: true, status: 200 }) });
  const incidents = new Incidents({ documents, bus: new InProcessBus(LOG), outbox, log: LOG, publicUrl: undefined });
  const made = { id: 'r1', lastTriggeredAt: null, createdAt: formatTimestamp(start) };
  await documents.insert('rules', { ...spec, ...made });
  const { decided, log: decisions } = collectDecisions();
  const retentionMs = 90 * 86_400_000;
  const readRoutes = async () => routes;
  const engine = new AlertEngine({ store, clock, log: LOG, incidents, outbox, decisions, retentionMs, readRoutes });
  await happen(store, clock, history, STEP_MS, () => engine.tick());
  await outbox.stop();
  const told = (outcomes: readonly string[]) =>
    decided
      .filter(({ outcome }) => outcomes.includes(outcome))
      .map(({ now, reading }) => `${reading.service}/${reading.group} ${formatTimestamp(now)}`)
      .sort();
  const range = { from: start, to: clock.now() };
  const signal = new AbortController().signal;
  const dry = await preview(spec, range, { store, routes, intervalMs: STEP_MS, signal });
  return { told, dry, decided, evaluations: history.length };
}

test('over any history a preview says of every type of rule what the engine did', async () => {
  const runs = Number(process.env.ALERT_HISTORIES ?? 60);
  await fc.assert(
    fc.asyncProperty(anySpec, anyHistory, async (spec, history) => {
      const { told, dry, evaluations } = await both(spec, history, routesOf([], []));
      const opened = dry.incidents.map(({ service, group, opened_at: at }) => `${service}/${group} ${at}`).sort();
      const ended = dry.incidents
        .filter(({ resolved_at: at }) => at !== null)
        .map(({ service, group, resolved_at: at }) => `${service}/${group} ${at}`)
        .sort();
      assert.deepEqual(opened, told(['opened', 'reopened']), JSON.stringify(spec));
      assert.deepEqual(ended, told(['resolved']), JSON.stringify(spec));
      assert.deepEqual([dry.evaluations, dry.exact, dry.pages.length], [evaluations, true, opened.length]);
    }),
    { numRuns: runs },
  );
});

test('silences are considered: what they mute, and what is told when they end', async () => {
  const spec: RuleSpec = {
    type: 'log_count',
    name: 'errors',
    enabled: true,
    condition: { threshold: 1, windowMinutes: 1, cooldownMinutes: 0 },
  };
  const start = fakeClock().now();
  const route = (page: Page) =>
    page.at < start + 3 * MINUTE_MS
      ? ({ outcome: 'silenced', targets: [], silenceId: 's1', reason: 'maintenance' } as const)
      : ({ outcome: 'paged', targets: [] } as const);
  const history = Array.from({ length: 20 }, () => ({
    logs: 1,
    metric: undefined,
    security: 0,
    heartbeat: false,
    host: 'h1',
  }));
  const { dry } = await both(spec, history, { route });
  assert.deepEqual(dry.silenced, [
    { at: '2026-01-15T12:00:29.999Z', kind: 'error_alert', incident: 0, silence_id: 's1' },
  ]);
  assert.deepEqual(dry.pages, [{ at: '2026-01-15T12:03:29.999Z', kind: 'error_alert', incident: 0 }]);
});

test('a draft is tried on the last two weeks, and nothing comes of it', async (t) => {
  const desk = await openAlerting(t);
  const start = desk.clock.now();
  for (const day of [1, 5]) {
    for (let minute = 0; minute < 3; minute++) {
      await desk.logs(4 + minute, { timestamp: start + day * 86_400_000 + minute * MINUTE_MS });
    }
  }
  desk.clock.advance(14 * 86_400_000);
  const rule = { service: 'pay', threshold: 5, windowMinutes: 1, cooldownMinutes: 0 };
  const { status, body } = await desk.call<Preview>('POST', '/api/alerts/preview', { rule });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([body.evaluations, body.step, body.exact], [40_320, '30s', true]);
  assert.deepEqual(body.incidents, [
    {
      service: 'pay',
      group: null,
      opened_at: '2026-01-16T12:01:29.999Z',
      resolved_at: '2026-01-16T12:04:29.999Z',
      peak: 6,
    },
    {
      service: 'pay',
      group: null,
      opened_at: '2026-01-20T12:01:29.999Z',
      resolved_at: '2026-01-20T12:04:29.999Z',
      peak: 6,
    },
  ]);
  assert.deepEqual(
    body.pages.map(({ kind, incident }) => [kind, incident]),
    [
      ['error_alert', 0],
      ['error_alert_reopened', 1],
    ],
  );
  assert.ok(body.series.length >= 1000 && body.series.length <= 2000);
  assert.equal(Math.max(...body.series.map(({ value }) => value ?? 0)), 6);
  assert.deepEqual([await desk.incidents(), (await desk.store.documents.list('rules')).total], [[], 0]);
});

test('what cannot be tried is refused, and the field named', async (t) => {
  const desk = await openAlerting(t);
  const rule = { service: 'pay', threshold: 5, windowMinutes: 1, cooldownMinutes: 0 };
  const rows: [object, string][] = [
    [{ rule: { ...rule, threshold: 0 } }, 'rule.condition.threshold'],
    [{ rule, from: 'now-1d', to: 'now-2d' }, 'from'],
    [{ rule, from: 'now-100d' }, 'from'],
    [{ rule, to: '2027-01-01T00:00:00Z' }, 'to'],
    [{ rule, colour: 'red' }, 'colour'],
    [{}, 'rule'],
  ];
  for (const [body, field] of rows) {
    const reply = await desk.call<{ error: { details: { field: string }[] } }>('POST', '/api/alerts/preview', body);
    assert.equal(reply.status, 400, JSON.stringify(body));
    assert.equal(reply.body.error.details[0]?.field, field);
  }
});
