import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Rule } from '../../schemas/rule.ts';
import type { DecidedOn } from '../../src/alert/decision-log.ts';
import { AlertEngine } from '../../src/alert/engine.ts';
import { Incidents } from '../../src/alert/incidents.ts';
import { Outbox } from '../../src/alert/notify/outbox.ts';
import { InProcessBus } from '../../src/bus/in-process/in-process-bus.ts';
import type { Policy } from '../../src/core/rule.ts';
import { createLog } from '../../src/log.ts';
import { type Moment, naiveIncident } from '../core/naive-incident.ts';
import { type FakeClock, fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { collectDecisions } from './collected.ts';

const MINUTE_MS = 60_000;
const MADE = { enabled: true, lastTriggeredAt: null, createdAt: '2026-01-15T12:00:00.000Z', service: 'pay' };

/** What happened since the step before, and how long that took. */
interface Happening {
  readonly stepMs: number;
  readonly errors: number;
  readonly cpu: number | undefined;
  readonly heartbeat: boolean;
}
interface Times {
  readonly forS: number;
  readonly resolveS: number;
  readonly cooldownMinutes: number;
}

const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.record({
    stepMs: fc.integer({ min: 1, max: 9 }).map((tens) => tens * 10_000),
    errors: fc.constantFrom(0, 0, 0, 1, 2),
    cpu: fc.constantFrom(undefined, undefined, 10, 99),
    heartbeat: fc.constantFrom(true, true, false),
  }),
  { minLength: 1, maxLength: 70 },
);
const times: fc.Arbitrary<Times> = fc.record({
  forS: fc.constantFrom(0, 0, 30, 120),
  resolveS: fc.constantFrom(10, 60, 300),
  cooldownMinutes: fc.constantFrom(0, 0, 25),
});

function rulesOf({ forS, resolveS, cooldownMinutes }: Times): readonly Rule[] {
  const common = { ...MADE, ...(forS > 0 && { for: `${forS}s` }), resolve_after: `${resolveS}s` };
  const count = { threshold: 2, windowMinutes: 2, cooldownMinutes };
  const hot = { metric: 'cpu', operator: 'gt' as const, threshold: 90, duration: '10m' };
  return [
    { ...common, id: 'count', name: 'count', type: 'log_count', condition: count },
    { ...common, id: 'hot', name: 'hot', type: 'threshold', condition: hot },
    { ...common, id: 'silent', name: 'silent', type: 'heartbeat', condition: { older_than: '60s' } },
  ];
}

function policyOf(rule: Rule, { forS, resolveS, cooldownMinutes }: Times): Policy {
  const windowMinutes = { count: 2, hot: 10, silent: 1 }[rule.id] ?? assert.fail(rule.id);
  return {
    forMs: forS * 1000,
    resolveAfterMs: resolveS * 1000,
    quietMs: Math.max(15, 2 * windowMinutes) * MINUTE_MS,
    cooldownMs: rule.id === 'count' ? cooldownMinutes * MINUTE_MS : 0,
  };
}

/** Whether each rule is breached after each step, from the bare list of what happened. */
function breaches(history: readonly Happening[], start: number): Record<string, Moment[]> {
  const past: (Happening & { now: number })[] = [];
  const moments: Record<string, Moment[]> = { count: [], hot: [], silent: [] };
  let now = start;
  for (const happening of history) {
    now += happening.stepMs;
    past.push({ ...happening, now });
    const within = (ms: number) => past.filter((one) => one.now > now - ms);
    const errors = within(2 * MINUTE_MS).reduce((sum, one) => sum + one.errors, 0);
    const cpu = within(10 * MINUTE_MS).findLast((one) => one.cpu !== undefined)?.cpu;
    const heard = past.findLast((one) => one.heartbeat)?.now;
    const found = {
      count: errors >= 2,
      hot: cpu !== undefined && cpu > 90,
      silent: heard !== undefined && now - heard > MINUTE_MS,
    };
    for (const [id, breached] of Object.entries(found)) moments[id]?.push({ now, what: breached ? 'breach' : 'clear' });
  }
  return moments;
}

/** What the engine announces when a fresh one, as after a restart, does each tick. */
async function announced(
  history: readonly Happening[],
  rules: readonly Rule[],
  clock: FakeClock,
): Promise<readonly DecidedOn[]> {
  const store = memoryStore({ clock });
  const { documents } = store;
  const log = createLog({ logLevel: 'silent' });
  const bus = new InProcessBus(log);
  const outbox = new Outbox({ documents, clock, log, send: async () => ({ ok: true, status: 200 }) });
  const incidents = new Incidents({ documents, bus, outbox, log, publicUrl: undefined });
  for (const rule of rules) await documents.insert('rules', rule);
  const { decided, log: decisions } = collectDecisions();
  for (const { stepMs, errors, cpu, heartbeat } of history) {
    clock.advance(stepMs);
    const common = { service: 'pay', timestamp: clock.now() };
    for (let index = 0; index < errors; index++) {
      await store.append('log', [{ ...common, level: 'error', message: 'no' }]);
    }
    if (cpu !== undefined) await store.append('metric', [{ ...common, name: 'cpu', value: cpu }]);
    if (heartbeat) await store.append('heartbeat', [{ ...common, status: 'healthy' }]);
    const parts = { store, clock, log, incidents, outbox, retentionMs: 90 * 86_400_000, decisions };
    await new AlertEngine(parts).tick();
  }
  return decided;
}

test('over any history, restarted before every tick, each rule says what a naive reading of it says', async () => {
  await fc.assert(
    fc.asyncProperty(happenings, times, async (history, given) => {
      const clock = fakeClock();
      const moments = breaches(history, clock.now());
      const rules = rulesOf(given);
      const decisions = await announced(history, rules, clock);
      for (const rule of rules) {
        const said = decisions
          .filter(({ ruleId, outcome }) => ruleId === rule.id && ['opened', 'reopened', 'resolved'].includes(outcome))
          .map(({ now, outcome }) => ({ now, event: outcome }));
        assert.deepEqual(said, naiveIncident(moments[rule.id] ?? [], policyOf(rule, given)), rule.id);
      }
    }),
    { numRuns: 150 },
  );
});
