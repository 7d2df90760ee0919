import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Rule, RuleSpec } from '../../schemas/rule.ts';
import type { DecidedOn } from '../../src/alert/decision-log.ts';
import { AlertEngine } from '../../src/alert/engine.ts';
import { Incidents } from '../../src/alert/incidents.ts';
import { Outbox } from '../../src/alert/notify/outbox.ts';
import { InProcessBus } from '../../src/bus/in-process/in-process-bus.ts';
import { type Policy, ruleWindowMs } from '../../src/core/rule.ts';
import { createLog } from '../../src/log.ts';
import { naiveIncident } from '../core/naive-incident.ts';
import { fakeClock } from '../fixtures/fake-clock.ts';
import { memoryStore } from '../fixtures/memory-store.ts';
import { collectDecisions } from './collected.ts';
import { naiveBreaches, type Sent } from './naive-rule.ts';
import { anyHistory, anySpec, type Happening, happen } from './random-rules.ts';

const MINUTE_MS = 60_000;
const STEP_MS = 30_000;
/** Histories that are tried, each with this many rules: `ALERT_HISTORIES=10000 npm test -- histories` tries more of them. */
const HISTORIES = Number(process.env.ALERT_HISTORIES ?? 120);
const RULES_AT_ONCE = 8;

/** What is said in a group, and when. */
type Said = Record<string, { now: number; event: string }[]>;

function policyOf(spec: RuleSpec): Policy {
  const seconds = (text: string | undefined) =>
    text === undefined ? undefined : Number(text.slice(0, -1)) * (text.endsWith('m') ? 60 : 1);
  const windowMs = ruleWindowMs(spec);
  const resolveMs = Math.min(Math.max(windowMs, MINUTE_MS), 5 * MINUTE_MS);
  const resolveS = seconds(spec.resolve_after);
  return {
    forMs: (seconds(spec.for) ?? 0) * 1000,
    resolveAfterMs: resolveS === undefined ? resolveMs : resolveS * 1000,
    quietMs: Math.max(15 * MINUTE_MS, 2 * windowMs),
    cooldownMs: spec.type === 'log_count' ? spec.condition.cooldownMinutes * MINUTE_MS : 0,
  };
}

/** What a naive reading of the rules says over a history. */
function naive(spec: RuleSpec, sent: readonly Sent[], moments: readonly number[]): Said {
  const found = moments.map((now) => ({ now, groups: new Set(naiveBreaches(spec, sent, now)) }));
  const groups = new Set(found.flatMap((one) => [...one.groups]));
  const policy = policyOf(spec);
  return Object.fromEntries(
    [...groups].map((group) => {
      const story = found.map(
        ({ now, groups: here }) => ({ now, what: here.has(group) ? 'breach' : 'clear' }) as const,
      );
      return [String(group), naiveIncident(story, policy)];
    }),
  );
}

/** What the engine announces when a fresh one, as after a restart, does each tick. */
async function announced(specs: readonly RuleSpec[], history: readonly Happening[]) {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const { documents } = store;
  const log = createLog({ logLevel: 'silent' });
  const bus = new InProcessBus(log);
  const outbox = new Outbox({ documents, clock, log, send: async () => ({ ok: true, status: 200 }) });
  const incidents = new Incidents({ documents, bus, outbox, log, publicUrl: undefined });
  const made = { lastTriggeredAt: null, createdAt: '2026-01-15T12:00:00.000Z' };
  for (const [index, spec] of specs.entries()) {
    const rule: Rule = { ...spec, ...made, id: `r${index}` };
    await documents.insert('rules', rule);
  }
  const { decided, log: decisions } = collectDecisions();
  const moments: number[] = [];
  const sent = await happen(store, clock, history, STEP_MS, async () => {
    moments.push(clock.now());
    const retentionMs = 90 * 86_400_000;
    await new AlertEngine({ store, clock, log, incidents, outbox, decisions, retentionMs }).tick();
  });
  await outbox.stop();
  return { decided, sent, moments };
}

function saidOf(decided: readonly DecidedOn[], rule: string): Said {
  const said: Said = {};
  for (const { ruleId, outcome, now, reading } of decided) {
    if (ruleId !== rule || !['opened', 'reopened', 'resolved'].includes(outcome)) continue;
    said[String(reading.group)] = [...(said[String(reading.group)] ?? []), { now, event: outcome }];
  }
  return said;
}

/** Histories that were judged wrongly once. */
const FOUND_BEFORE: [RuleSpec[], Happening[]][] = [
  [
    // Nothing came, and nothing before it: that was a change of 0 %.
    [
      {
        name: 'any',
        enabled: true,
        service: 'pay',
        type: 'rate_change',
        condition: { metric: 'cpu', operator: 'gt', threshold: -50, duration: '1m', aggregate: 'count' },
      },
    ],
    [{ logs: 0, metric: undefined, security: 0, heartbeat: true, host: 'h1' }],
  ],
];

test('over any history, restarted before every tick, each rule says what a naive reading of it says', async () => {
  const specs = fc.array(anySpec, { minLength: RULES_AT_ONCE, maxLength: RULES_AT_ONCE });
  await fc.assert(
    fc.asyncProperty(specs, anyHistory, async (rules, history) => {
      const { decided, sent, moments } = await announced(rules, history);
      for (const [index, spec] of rules.entries()) {
        const quiet = (said: Said) => Object.fromEntries(Object.entries(said).filter(([, all]) => all.length > 0));
        assert.deepEqual(saidOf(decided, `r${index}`), quiet(naive(spec, sent, moments)), JSON.stringify(spec));
      }
    }),
    { numRuns: Math.ceil(HISTORIES / RULES_AT_ONCE), examples: FOUND_BEFORE },
  );
});
