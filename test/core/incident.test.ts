import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StoredIncident } from '../../schemas/incident.ts';
import {
  acknowledge,
  addNote,
  advance,
  ENGINE,
  MAX_HISTORY,
  type Outcome,
  publicIncident,
  type Reading,
  resolve,
  type Subject,
  type Track,
  withNotice,
  withoutNotices,
} from '../../src/core/incident.ts';
import type { Policy } from '../../src/core/rule.ts';
import { parseTimestamp } from '../../src/core/timestamp.ts';
import { type Moment, naiveIncident, type Said } from './naive-incident.ts';

const NOON = Date.UTC(2026, 0, 15, 12);
const MINUTE_MS = 60_000;
const POLICY: Policy = { forMs: 0, resolveAfterMs: 5 * MINUTE_MS, quietMs: 15 * MINUTE_MS, cooldownMs: 0 };

function subject(policy: Partial<Policy> = {}): Subject {
  const rule = { id: 'r1', name: 'errors', type: 'log_count', severity: 'warning' };
  return {
    ruleId: 'r1',
    windowMs: 5 * MINUTE_MS,
    policy: { ...POLICY, ...policy },
    cause: { rule, threshold: 3, window: '5m', targets: [] },
  };
}

const reading = (breached: boolean, value = breached ? 7 : 0): Reading => ({
  service: 'pay',
  group: null,
  breached,
  value,
  count: value,
});

/** The outcomes of readings at these minutes: `!` is a breach, `.` is none, `x` resolves by hand. */
function outcomes(history: readonly [number, '!' | '.' | 'x'][], policy: Partial<Policy> = {}): Outcome[] {
  let track: Track = {};
  return history.flatMap(([minute, what]) => {
    const now = NOON + minute * MINUTE_MS;
    if (what === 'x') {
      track = track.incident === undefined ? track : { ...track, incident: resolve(track.incident, 'ann', now) };
      return [];
    }
    const step = advance(track, subject(policy), reading(what === '!'), now);
    track = step.track;
    return [step.outcome];
  });
}

test('the life of an incident', () => {
  const rows: [readonly [number, '!' | '.' | 'x'][], Partial<Policy>, Outcome[]][] = [
    [[[0, '.']], {}, ['not_breached']],
    [
      [
        [0, '!'],
        [1, '!'],
        [2, '.'],
        [6, '.'],
        [7, '.'],
        [8, '.'],
      ],
      {},
      ['opened', 'updated', 'clearing', 'clearing', 'resolved', 'not_breached'],
    ],
    // A breach while it is clearing begins that anew.
    [
      [
        [0, '!'],
        [1, '.'],
        [4, '!'],
        [5, '.'],
        [9, '.'],
        [10, '.'],
      ],
      {},
      ['opened', 'clearing', 'updated', 'clearing', 'clearing', 'resolved'],
    ],
    // Reopens after the quiet period, counted from the last breach that was seen while it was active.
    [
      [
        [0, '!'],
        [1, 'x'],
        [2, '!'],
        [14, '!'],
        [15, '!'],
      ],
      {},
      ['opened', 'quiet_period', 'quiet_period', 'reopened'],
    ],
    [
      [
        [0, '!'],
        [1, 'x'],
        [16, '!'],
        [29, '!'],
        [30, '!'],
      ],
      { cooldownMs: 30 * MINUTE_MS },
      ['opened', 'cooldown', 'cooldown', 'reopened'],
    ],
    // `for`: the condition has to hold without a break.
    [
      [
        [0, '!'],
        [1, '!'],
        [2, '.'],
        [3, '!'],
        [5, '!'],
      ],
      { forMs: 2 * MINUTE_MS },
      ['waiting', 'waiting', 'not_breached', 'waiting', 'opened'],
    ],
  ];
  for (const [history, policy, want] of rows) assert.deepEqual(outcomes(history, policy), want);
});

function opened(): StoredIncident {
  const { track } = advance({}, subject(), reading(true), NOON);
  assert.ok(track.incident !== undefined);
  return track.incident;
}

test('what is not known is not a breach', () => {
  const none: Reading = { service: 'pay', group: null, breached: false, value: null, count: 0 };
  assert.equal(advance({}, subject(), none, NOON).outcome, 'no_data');
});

test('by hand: acknowledged once, resolved once, noted, each with its author', () => {
  const incident = opened();
  const acknowledged = acknowledge(incident, 'ann', NOON + 1);
  assert.ok(acknowledged !== undefined);
  assert.equal(acknowledge(acknowledged, 'bob', NOON + 2), acknowledged);
  const noted = addNote(acknowledged, 'bob', NOON + 3, 'the disk is full');
  const resolved = resolve(noted, 'ann', NOON + 4);
  assert.equal(resolve(resolved, 'bob', NOON + 5), resolved);
  assert.equal(acknowledge(resolved, 'bob', NOON + 5), undefined);
  assert.deepEqual(
    resolved.history.map(({ from, to, by, note }) => [from, to, by, note]),
    [
      [null, 'open', ENGINE, undefined],
      ['open', 'acknowledged', 'ann', undefined],
      ['acknowledged', 'acknowledged', 'bob', 'the disk is full'],
      ['acknowledged', 'resolved', 'ann', undefined],
    ],
  );
});

test('an acknowledged incident stays so while the breach goes on', () => {
  const acknowledged = acknowledge(opened(), 'ann', NOON + 1);
  assert.ok(acknowledged !== undefined);
  const { outcome, track } = advance({ incident: acknowledged }, subject(), reading(true, 9), NOON + MINUTE_MS);
  assert.equal(outcome, 'updated');
  assert.equal(track.incident?.status, 'acknowledged');
  assert.equal(track.incident?.value, 9);
  assert.equal(track.incident?.errorCount, 7);
});

test('a history is cut in its middle, and its transitions keep their numbers', () => {
  let incident = opened();
  for (let index = 0; index < MAX_HISTORY + 10; index++) incident = addNote(incident, 'ann', NOON, `note ${index}`);
  assert.equal(incident.history.length, MAX_HISTORY);
  assert.equal(incident.history[0]?.from, null);
  assert.equal(incident.history.at(-1)?.note, `note ${MAX_HISTORY + 9}`);
  assert.equal(incident.sequence, MAX_HISTORY + 11);
});

test('notices stay until they are handed over, and clients do not see them', () => {
  const incident = opened();
  const notice = { sequence: 1, at: incident.triggeredAt, targets: [], payload: aPayload(incident) };
  const told = withNotice(withNotice(incident, notice), { ...notice, sequence: 2 });
  assert.equal(told.announcing, true);
  const later = withoutNotices(told, 1);
  assert.deepEqual([later.announcing, later.notices.map(({ sequence }) => sequence)], [true, [2]]);
  assert.equal(withoutNotices(told, 2).announcing, false);
  const shown = Object.keys(publicIncident(told));
  for (const hidden of ['notices', 'announcing', 'cause', 'sequence', 'clearSince']) assert.ok(!shown.includes(hidden));
});

function aPayload({ id, service, group, cause, triggeredAt }: StoredIncident) {
  const { rule, threshold, window } = cause;
  const times = { triggeredAt, lastSeenErrorAt: triggeredAt, resolvedAt: null };
  const said = {
    status: 'open',
    errorCount: 7,
    windowMinutes: 5,
    value: 7,
    by: ENGINE,
    samples: [],
    chart: [],
    link: null,
  };
  return { type: 'error_alert' as const, incidentId: id, service, group, rule, threshold, window, ...times, ...said };
}

const history: fc.Arbitrary<Moment[]> = fc
  .array(
    fc.record({
      stepMs: fc.integer({ min: 1, max: 8 }).map((halves) => halves * 30_000),
      what: fc.oneof(
        { weight: 6, arbitrary: fc.constant('breach' as const) },
        { weight: 6, arbitrary: fc.constant('clear' as const) },
        { weight: 1, arbitrary: fc.constant('resolve' as const) },
      ),
    }),
    { maxLength: 120 },
  )
  .map((steps) => {
    let now = NOON;
    return steps.map(({ stepMs, what }) => {
      now += stepMs;
      return { now, what };
    });
  });

const minutes = (max: number) => fc.integer({ min: 0, max }).map((count) => count * MINUTE_MS);
const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  forMs: minutes(4),
  resolveAfterMs: minutes(6),
  quietMs: minutes(20),
  cooldownMs: minutes(30),
});

/** What the machine announced over a history. */
function announced(moments: readonly Moment[], policy: Policy): Said[] {
  let track: Track = {};
  let lastSeen = 0;
  const said: Said[] = [];
  for (const { now, what } of moments) {
    if (what === 'resolve') {
      const { incident } = track;
      if (incident === undefined || incident.status === 'resolved') continue;
      track = { ...track, incident: resolve(incident, 'ann', now) };
      said.push({ now, event: 'resolved' });
      continue;
    }
    const step = advance(track, subject(policy), reading(what === 'breach'), now);
    if (['opened', 'reopened', 'resolved'].includes(step.outcome)) said.push({ now, event: step.outcome });
    track = step.track;
    const seen = track.incident === undefined ? 0 : parseTimestamp(track.incident.lastSeenErrorAt);
    assert.ok(seen >= lastSeen, 'lastSeenErrorAt never goes back');
    lastSeen = seen;
  }
  return said;
}

test('over any history it says what a naive reading of the rules says', () => {
  fc.assert(
    fc.property(history, anyPolicy, (moments, policy) => {
      assert.deepEqual(announced(moments, policy), naiveIncident(moments, policy));
    }),
    { numRuns: 2000 },
  );
});

test('it opens once, then ends and opens in turn, never within the quiet period or the cooldown', () => {
  fc.assert(
    fc.property(history, anyPolicy, (moments, policy) => {
      const said = announced(moments, policy);
      said.forEach(({ event }, index) => {
        assert.equal(event, index === 0 ? 'opened' : index % 2 === 1 ? 'resolved' : 'reopened');
      });
      const openings = said.filter(({ event }) => event !== 'resolved');
      openings.forEach(({ now }, index) => {
        const before = openings[index - 1];
        if (before === undefined) return;
        assert.ok(now - before.now >= Math.max(policy.quietMs, policy.cooldownMs));
      });
    }),
    { numRuns: 1000 },
  );
});
