import {
  type Matcher,
  type Recurrence,
  type SilenceBody,
  type SilenceState,
  type StoredSilence,
  WEEKDAYS,
} from '../../schemas/silence.ts';
import type { Fault } from './check.ts';
import { FilterError } from './filter-error.ts';
import { regexTest } from './regex.ts';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';
import { isTimeZone, momentOf, startOfDay, wallTime, weekday } from './zoned-time.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * What a silence can know an incident by: `service`, `rule` (the rule's id), `name` (the rule's name), `type`, `severity`,
 * `group`, and under their fields' names the values that make the group (`host`, `tags.region`).
 */
export type Labels = Readonly<Record<string, string>>;

/** What a silence says besides who made it when. */
export type SilenceSpec = Pick<StoredSilence, 'matchers' | 'starts_at' | 'ends_at' | 'recurrence' | 'comment'>;

/** A silence that its schema let through, in its full form: it starts `now` unless it says otherwise. */
export function silenceSpec(
  { matchers, starts_at, ends_at, recurrence, comment = '' }: SilenceBody,
  now: number,
): SilenceSpec {
  return {
    matchers,
    starts_at: formatTimestamp(starts_at == null ? now : parseTimestamp(starts_at)),
    ends_at: ends_at == null ? null : formatTimestamp(parseTimestamp(ends_at)),
    recurrence: recurrence ?? null,
    comment,
  };
}

/** What a schema cannot say of a silence. */
export function silenceFaults({ matchers, starts_at, ends_at, recurrence }: SilenceSpec): readonly Fault[] {
  const faults = matchers.flatMap(({ operator, value }, index) =>
    operator === 'regex' ? regexFaults(value, `matchers[${index}].value`) : [],
  );
  if (ends_at === null && recurrence === null) {
    faults.push({ field: 'ends_at', message: 'is required without a recurrence: a silence must not be forgotten' });
  }
  if (ends_at !== null && parseTimestamp(ends_at) <= parseTimestamp(starts_at)) {
    faults.push({ field: 'ends_at', message: 'must be after starts_at' });
  }
  if (recurrence !== null && !isTimeZone(recurrence.time_zone)) {
    faults.push({ field: 'recurrence.time_zone', message: 'must be a time zone such as Europe/Berlin' });
  }
  return faults;
}

function regexFaults(pattern: string, field: string): Fault[] {
  try {
    regexTest(pattern, field);
    return [];
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return [{ field, message: error.message }];
  }
}

export function silenceState(silence: SilenceSpec, now: number): SilenceState {
  const { starts_at, ends_at, recurrence } = silence;
  if (ends_at !== null && parseTimestamp(ends_at) <= now) return 'expired';
  if (now < parseTimestamp(starts_at)) return 'pending';
  return recurrence === null || isWithin(recurrence, now) ? 'active' : 'pending';
}

/** Which silence mutes an incident at a moment: the first of them that is active then and fits its labels. */
export function silencer<S extends SilenceSpec>(
  silences: readonly S[],
  now: number,
): (labels: Labels) => S | undefined {
  const active = silences
    .filter((silence) => silenceState(silence, now) === 'active')
    .map((silence) => ({ silence, fits: silence.matchers.map(compileMatcher) }));
  return (labels) => active.find(({ fits }) => fits.every((fit) => fit(labels)))?.silence;
}

/**
 * Whether a weekly window is open. It belongs to the day on which it begins, also when it ends on the next one. It is
 * one span of time: an hour that clocks show twice is in it both times, a beginning or end that they leave out is as
 * much later as they were put forward.
 */
function isWithin({ days, start, end, time_zone: zone }: Recurrence, now: number): boolean {
  const startMs = timeOfDayMs(start);
  const endMs = timeOfDayMs(end) + (timeOfDayMs(end) <= startMs ? DAY_MS : 0);
  const today = startOfDay(wallTime(now, zone));
  return [today - DAY_MS, today].some((day) => {
    const name = WEEKDAYS[weekday(day)];
    if (name === undefined || !days.includes(name)) return false;
    return momentOf(day + startMs, zone, 'first') <= now && now < momentOf(day + endMs, zone, 'last');
  });
}

/** `02:30` to milliseconds after midnight. */
function timeOfDayMs(text: string): number {
  return (Number(text.slice(0, 2)) * 60 + Number(text.slice(3))) * MINUTE_MS;
}

function compileMatcher({ field, operator, value }: Matcher): (labels: Labels) => boolean {
  if (operator === 'eq') return (labels) => valuesOf(field, labels).includes(value);
  if (operator === 'ne') return (labels) => !valuesOf(field, labels).includes(value);
  const matches = regexTest(value);
  return (labels) => valuesOf(field, labels).some(matches);
}

/** None for what an incident does not have. A rule is known by its id and by its name. */
function valuesOf(field: string, labels: Labels): readonly string[] {
  const names = field === 'rule' ? ['rule', 'name'] : [field];
  return names.flatMap((name) => (Object.hasOwn(labels, name) ? (labels[name] ?? []) : []));
}
