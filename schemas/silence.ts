import { type Static, Type } from '@sinclair/typebox';
import { list, oneOf } from './common.ts';
import { LIMITS } from './limits.ts';

const closed = { additionalProperties: false };

const MATCHER_OPERATORS = ['eq', 'ne', 'regex'] as const;
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];
export const SILENCE_STATES = ['pending', 'active', 'expired'] as const;
export type SilenceState = (typeof SILENCE_STATES)[number];

const Matcher = Type.Object(
  {
    field: Type.String({
      pattern: `^(service|rule|severity|type|group|host|tags\\.[^]{1,${LIMITS.tagKey}})$`,
      expects: 'service, rule, severity, type, group, host or tags.<key>',
      description: '`service`, `rule` (id or name), `severity`, `type` (of the rule), `group`, `host`, `tags.<key>`',
    }),
    operator: oneOf(MATCHER_OPERATORS, '`regex`: an RE2 expression that matches somewhere in the value'),
    value: Type.String({ maxLength: LIMITS.regex }),
  },
  closed,
);
export type Matcher = Static<typeof Matcher>;

const TimeOfDay = (end: boolean) =>
  Type.String({
    pattern: `^(([01][0-9]|2[0-3]):[0-5][0-9]${end ? '|24:00' : ''})$`,
    expects: `a time of day such as 02:00${end ? ', up to 24:00' : ''}`,
  });

const Recurrence = Type.Object(
  {
    days: Type.Array(oneOf(WEEKDAYS), { minItems: 1, maxItems: 7, description: 'On which it begins' }),
    start: TimeOfDay(false),
    end: TimeOfDay(true),
    time_zone: Type.String({ minLength: 1, maxLength: 64, description: 'Such as `Europe/Berlin`' }),
  },
  { ...closed, description: 'Every week; an `end` that is not after `start` is on the next day' },
);
export type Recurrence = Static<typeof Recurrence>;

const Time = Type.String({ format: 'date-time', maxLength: 40 });

export const SilenceBody = Type.Object(
  {
    matchers: Type.Array(Matcher, { minItems: 1, maxItems: 20, description: 'All of them have to match' }),
    starts_at: Type.Optional(Type.Union([Time, Type.Null()], { description: 'Now, if not given' })),
    ends_at: Type.Optional(Type.Union([Time, Type.Null()], { description: 'Required without `recurrence`' })),
    recurrence: Type.Optional(Type.Union([Recurrence, Type.Null()])),
    comment: Type.Optional(Type.String({ maxLength: 1000 })),
  },
  { ...closed, $id: 'SilenceBody' },
);
export type SilenceBody = Static<typeof SilenceBody>;

const MaybeTime = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);

/** What is not to be told to anyone for a while. */
export const Silence = Type.Object(
  {
    id: Type.String(),
    matchers: Type.Array(Matcher),
    starts_at: Type.String({ format: 'date-time' }),
    ends_at: MaybeTime,
    recurrence: Type.Union([Recurrence, Type.Null()]),
    comment: Type.String(),
    status: oneOf(SILENCE_STATES, '`pending` also between two windows of a recurrence'),
    created_by: Type.String(),
    created_at: Type.String({ format: 'date-time' }),
  },
  { $id: 'Silence' },
);
export type Silence = Static<typeof Silence>;

export const SilenceList = list(Silence);

/** A silence as it is kept: its status is a matter of the moment. */
export type StoredSilence = Omit<Silence, 'status'>;
