import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import type { Matcher, Recurrence } from '../../schemas/silence.ts';
import {
  type Labels,
  type SilenceSpec,
  silenceFaults,
  silencer,
  silenceSpec,
  silenceState,
} from '../../src/core/silence.ts';

const NOON = Date.UTC(2026, 0, 15, 12);
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const LABELS: Labels = {
  service: 'pay',
  rule: 'r1',
  name: 'payments fail',
  severity: 'warning',
  type: 'log_count',
  'tags.region': 'eu',
};

function aSilence(own: Partial<SilenceSpec> = {}): SilenceSpec {
  const matchers: Matcher[] = [{ field: 'service', operator: 'eq', value: 'pay' }];
  return { ...silenceSpec({ matchers, ends_at: '2026-01-15T13:00:00Z' }, NOON), ...own };
}

function weekly(own: Partial<Recurrence> = {}): SilenceSpec {
  const recurrence: Recurrence = { days: ['sat'], start: '02:00', end: '04:00', time_zone: 'Europe/Berlin', ...own };
  return aSilence({ starts_at: '2000-01-01T00:00:00.000Z', ends_at: null, recurrence });
}

const stateAt = (silence: SilenceSpec, at: string) => silenceState(silence, Date.parse(at));

test('a silence holds from its start until just before its end', () => {
  const silence = aSilence({ starts_at: '2026-01-15T12:00:00.000Z', ends_at: '2026-01-15T13:00:00.000Z' });
  const rows: [string, string][] = [
    ['2026-01-15T11:59:59.999Z', 'pending'],
    ['2026-01-15T12:00:00.000Z', 'active'],
    ['2026-01-15T12:59:59.999Z', 'active'],
    ['2026-01-15T13:00:00.000Z', 'expired'],
  ];
  for (const [at, want] of rows) assert.equal(stateAt(silence, at), want, at);
});

test('weekly windows: over midnight, over changes of the clock, between their own start and end', () => {
  const night = weekly({ days: ['fri'], start: '22:00', end: '06:00' });
  const day = weekly({ days: ['sun'], start: '00:00', end: '24:00' });
  const bounded = { ...weekly(), starts_at: '2026-02-01T00:00:00.000Z', ends_at: '2026-03-01T00:00:00.000Z' };
  // On 29 March 2026 Berlin's clocks go from 02:00 to 03:00, on 25 October from 03:00 back to 02:00; both are Sundays.
  const sunday = (start: string, end: string) => weekly({ days: ['sun'], start, end });
  const rows: [SilenceSpec, string, string][] = [
    [weekly(), '2026-01-17T00:59:59Z', 'pending'],
    [weekly(), '2026-01-17T01:00:00Z', 'active'],
    [weekly(), '2026-01-17T02:59:59Z', 'active'],
    [weekly(), '2026-01-17T03:00:00Z', 'pending'],
    [weekly(), '2026-07-18T00:00:00Z', 'active'],
    [night, '2026-01-16T20:59:00Z', 'pending'],
    [night, '2026-01-16T21:00:00Z', 'active'],
    [night, '2026-01-17T04:59:00Z', 'active'],
    [night, '2026-01-17T05:00:00Z', 'pending'],
    [night, '2026-01-16T04:00:00Z', 'pending'],
    [day, '2026-01-17T22:59:00Z', 'pending'],
    [day, '2026-01-17T23:00:00Z', 'active'],
    [day, '2026-01-18T22:59:00Z', 'active'],
    [day, '2026-01-18T23:00:00Z', 'pending'],
    [bounded, '2026-01-31T01:30:00Z', 'pending'],
    [bounded, '2026-02-07T01:30:00Z', 'active'],
    [bounded, '2026-03-07T01:30:00Z', 'expired'],
    // 02:15 to 02:45 is left out: the window is an hour later by the wall, and not lost.
    [sunday('02:15', '02:45'), '2026-03-29T01:14:00Z', 'pending'],
    [sunday('02:15', '02:45'), '2026-03-29T01:15:00Z', 'active'],
    [sunday('02:15', '02:45'), '2026-03-29T01:45:00Z', 'pending'],
    // 02:15 to 02:45 comes twice: from the first to the second.
    [sunday('02:15', '02:45'), '2026-10-25T00:14:00Z', 'pending'],
    [sunday('02:15', '02:45'), '2026-10-25T00:15:00Z', 'active'],
    [sunday('02:15', '02:45'), '2026-10-25T01:00:00Z', 'active'],
    [sunday('02:15', '02:45'), '2026-10-25T01:45:00Z', 'pending'],
  ];
  for (const [silence, at, want] of rows) assert.equal(stateAt(silence, at), want, at);
});

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'UTC',
  'America/Havana',
  'Pacific/Apia',
];
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const minutes = fc.integer({ min: 0, max: 24 * 60 - 1 });
const clockTime = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** The windows around a moment as another library of calendars has them. */
function isOpen({ days, start, end, time_zone }: Recurrence, now: number): boolean {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(time_zone).toPlainDate();
  return [-1, 0].some((offset) => {
    const day = today.add({ days: offset });
    if (!days.some((name) => DAYS.indexOf(name) + 1 === day.dayOfWeek)) return false;
    const at = (date: Temporal.PlainDate, time: string, disambiguation: 'earlier' | 'later') => {
      const plain = date.toPlainDateTime(time);
      const [earlier, later] = (['earlier', 'later'] as const).map((which) =>
        plain.toZonedDateTime(time_zone, { disambiguation: which }),
      );
      // In a gap `earlier` goes back before it: what is meant is as much later as the clocks were put forward.
      const inGap = earlier !== undefined && !earlier.toPlainDateTime().equals(plain);
      return (inGap || disambiguation === 'later' ? later : earlier)?.epochMilliseconds ?? Number.NaN;
    };
    return at(day, start, 'earlier') <= now && now < at(end <= start ? day.add({ days: 1 }) : day, end, 'later');
  });
}

test('weekly windows are what a library of calendars says, in every zone, around every change of the clock', () => {
  const recurrence = fc.record({
    days: fc.uniqueArray(fc.constantFrom(...DAYS), { minLength: 1 }),
    start: minutes.map(clockTime),
    end: minutes.map(clockTime),
    time_zone: fc.constantFrom(...ZONES),
  });
  // A third of the moments lie within a day of a change.
  const changes = [
    '2026-03-29T01:00Z',
    '2026-10-25T01:00Z',
    '2026-03-08T07:00Z',
    '2026-11-01T06:00Z',
    '2026-04-04T15:00Z',
  ];
  const near = fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -1440, max: 1440 }));
  const moment = fc.oneof(
    {
      weight: 2,
      arbitrary: fc.integer({ min: 0, max: 2 * 366 * 1440 }).map((m) => Date.UTC(2025, 0, 1) + m * MINUTE_MS),
    },
    { weight: 1, arbitrary: near.map(([change, minute]) => Date.parse(change) + minute * MINUTE_MS) },
  );
  fc.assert(
    fc.property(recurrence, moment, (own, now) => {
      assert.equal(silenceState(weekly(own), now) === 'active', isOpen(own, now));
    }),
    { numRuns: 2000 },
  );
});

test('all matchers must match; what an incident does not have equals nothing', () => {
  const rows: [Matcher, boolean][] = [
    [{ field: 'service', operator: 'eq', value: 'pay' }, true],
    [{ field: 'service', operator: 'eq', value: 'Pay' }, false],
    [{ field: 'service', operator: 'ne', value: 'gw' }, true],
    [{ field: 'service', operator: 'regex', value: '^p.y$' }, true],
    [{ field: 'rule', operator: 'eq', value: 'r1' }, true],
    [{ field: 'rule', operator: 'eq', value: 'payments fail' }, true],
    [{ field: 'rule', operator: 'ne', value: 'payments fail' }, false],
    [{ field: 'rule', operator: 'regex', value: 'fail' }, true],
    [{ field: 'severity', operator: 'eq', value: 'warning' }, true],
    [{ field: 'type', operator: 'ne', value: 'log_count' }, false],
    [{ field: 'group', operator: 'eq', value: '' }, false],
    [{ field: 'group', operator: 'ne', value: 'x' }, true],
    [{ field: 'group', operator: 'regex', value: '.*' }, false],
    [{ field: 'tags.region', operator: 'eq', value: 'eu' }, true],
    [{ field: 'tags.__proto__', operator: 'eq', value: 'eu' }, false],
    [{ field: 'tags.zone', operator: 'ne', value: 'eu' }, true],
  ];
  const mutes = (matchers: Matcher[]) => silencer([aSilence({ matchers })], NOON)(LABELS) !== undefined;
  for (const [matcher, want] of rows) assert.equal(mutes([matcher]), want, JSON.stringify(matcher));
  for (const [a, first] of rows) for (const [b, second] of rows) assert.equal(mutes([a, b]), first && second);
});

test('only an active silence mutes, the first that fits', () => {
  const over = aSilence({ ends_at: '2026-01-15T11:00:00.000Z', comment: 'over' });
  const first = aSilence({ comment: 'first' });
  const second = aSilence({ comment: 'second' });
  assert.equal(silencer([over, first, second], NOON)(LABELS)?.comment, 'first');
  assert.equal(silencer([over, first, second], NOON + HOUR_MS)(LABELS), undefined);
});

test('what is wrong with a silence is named', () => {
  const rows: [Partial<SilenceSpec>, string[]][] = [
    [{}, []],
    [{ ends_at: null }, ['ends_at']],
    [{ starts_at: '2026-01-15T13:00:00.000Z' }, ['ends_at']],
    [{ matchers: [{ field: 'service', operator: 'regex', value: '(a' }] }, ['matchers[0].value']],
    [{ matchers: [{ field: 'service', operator: 'eq', value: '(a' }] }, []],
    [
      { recurrence: { days: ['mon'], start: '01:00', end: '02:00', time_zone: 'Europe/Atlantis' } },
      ['recurrence.time_zone'],
    ],
    [{ recurrence: { days: ['mon'], start: '01:00', end: '02:00', time_zone: '+02:00' } }, ['recurrence.time_zone']],
    [{ ends_at: null, recurrence: { days: ['mon'], start: '01:00', end: '02:00', time_zone: 'UTC' } }, []],
  ];
  for (const [own, want] of rows)
    assert.deepEqual(
      silenceFaults(aSilence(own)).map(({ field }) => field),
      want,
    );
});
