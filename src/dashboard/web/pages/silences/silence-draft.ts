import type { Silence } from '../../api/routes.ts';
import { MATCHER_FIELDS } from './wording.ts';

type Matcher = Silence['matchers'][number];

/** A silence as its form holds it. Moments are texts of `<input type="datetime-local">`, in the zone of whoever looks. */
export interface SilenceDraft {
  /** `id` tells rows of the form apart. */
  readonly matchers: readonly (Matcher & { readonly id: number })[];
  readonly weekly: boolean;
  readonly startsAt: string;
  /** Empty: never, which only a weekly one may. */
  readonly endsAt: string;
  readonly days: string;
  readonly start: string;
  readonly end: string;
  readonly timeZone: string;
  readonly comment: string;
}

const HOUR_MS = 3_600_000;
let nextRow = 1;

export const emptyMatcher = (field = 'service', value = ''): SilenceDraft['matchers'][number] => ({
  id: nextRow++,
  field,
  operator: 'eq',
  value,
});

/** For an hour from now, of what the address names: `service`, `rule`, … */
export function newSilence(given: Readonly<Record<string, string | undefined>>, now = Date.now()): SilenceDraft {
  const matchers = MATCHER_FIELDS.flatMap((field) => {
    const value = given[field];
    return value === undefined ? [] : [emptyMatcher(field, value)];
  });
  return {
    matchers: matchers.length === 0 ? [emptyMatcher()] : matchers,
    weekly: false,
    startsAt: '',
    endsAt: localText(now + HOUR_MS),
    days: 'sat,sun',
    start: '02:00',
    end: '04:00',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    comment: '',
  };
}

export function draftOf(silence: Silence): SilenceDraft {
  const { matchers, starts_at, ends_at, recurrence, comment } = silence;
  const fresh = newSilence({});
  return {
    ...fresh,
    matchers: matchers.map((matcher) => ({ ...emptyMatcher(), ...matcher })),
    weekly: recurrence !== null,
    startsAt: localText(Date.parse(starts_at)),
    endsAt: ends_at === null ? '' : localText(Date.parse(ends_at)),
    ...(recurrence !== null && {
      days: recurrence.days.join(','),
      start: recurrence.start,
      end: recurrence.end,
      timeZone: recurrence.time_zone,
    }),
    comment,
  };
}

/** What the API is to be sent. */
export function bodyOf(draft: SilenceDraft): Record<string, unknown> {
  const { matchers, weekly, startsAt, endsAt, days, start, end, timeZone, comment } = draft;
  return {
    matchers: matchers.map(({ field, operator, value }) => ({ field, operator, value })),
    ...(startsAt !== '' && { starts_at: new Date(startsAt).toISOString() }),
    ...(endsAt !== '' && { ends_at: new Date(endsAt).toISOString() }),
    ...(weekly && {
      recurrence: { days: days.split(',').filter((day) => day !== ''), start, end, time_zone: timeZone },
    }),
    ...(comment !== '' && { comment }),
  };
}

/** `2026-11-24T14:03`, in the zone of whoever looks. */
export function localText(time: number): string {
  const date = new Date(time);
  return new Date(time - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
