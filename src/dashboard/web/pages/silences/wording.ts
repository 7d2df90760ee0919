import type { Silence } from '../../api/routes.ts';
import type { Tone } from '../../ui/badge.tsx';

type Matcher = Silence['matchers'][number];
type Recurrence = NonNullable<Silence['recurrence']>;

/** From Monday, as weeks are drawn. */
export const DAYS = [
  { value: 'mon', label: 'Mon' },
  { value: 'tue', label: 'Tue' },
  { value: 'wed', label: 'Wed' },
  { value: 'thu', label: 'Thu' },
  { value: 'fri', label: 'Fri' },
  { value: 'sat', label: 'Sat' },
  { value: 'sun', label: 'Sun' },
] as const;

export const MATCHER_FIELDS = ['service', 'rule', 'severity', 'type', 'group', 'host'] as const;
export const OPERATORS = [
  { value: 'eq', label: 'is' },
  { value: 'ne', label: 'is not' },
  { value: 'regex', label: 'matches' },
] as const;

export const SILENCE_TONES: Readonly<Record<Silence['status'], Tone>> = {
  active: 'warn',
  pending: 'info',
  expired: 'neutral',
};

/** `service is pay and severity is not critical`. */
export function matchersOf(matchers: readonly Matcher[]): string {
  return matchers
    .map(
      ({ field, operator, value }) => `${field} ${OPERATORS.find((known) => known.value === operator)?.label} ${value}`,
    )
    .join(' and ');
}

/** `Sat, Sun 02:00–04:00 Europe/Berlin`. */
export function recurrenceOf({ days, start, end, time_zone }: Recurrence): string {
  const names = DAYS.filter(({ value }) => days.includes(value)).map(({ label }) => label);
  return `${names.join(', ')} ${start}–${end} ${time_zone}`;
}
