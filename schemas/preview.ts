import { type Static, Type } from '@sinclair/typebox';

const Time = Type.String({ format: 'date-time' });
const MaybeTime = Type.Union([Time, Type.Null()]);
const Moment = Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339, or relative such as `now-1h`' }));

export const PreviewBody = Type.Object(
  { rule: Type.Unknown({ description: 'A rule as `POST /api/alerts` takes it' }), from: Moment, to: Moment },
  { additionalProperties: false },
);

const pageFields = {
  at: Time,
  kind: Type.String({ description: '`error_alert` or `error_alert_reopened`' }),
  incident: Type.Integer({ description: 'Which of `incidents` it tells of, counted from 0' }),
};

/** What a rule would have done in the past. */
export const Preview = Type.Object(
  {
    from: Time,
    to: Time,
    step: Type.String({ description: 'How often it was evaluated, such as `30s`' }),
    exact: Type.Boolean({ description: 'False when its windows had to be rounded to whole steps' }),
    groups_cut: Type.Integer({ description: 'Groups that were too many to be tried' }),
    evaluations: Type.Integer(),
    incidents: Type.Array(
      Type.Object({
        service: Type.String(),
        group: Type.Union([Type.String(), Type.Null()]),
        opened_at: Time,
        resolved_at: MaybeTime,
        peak: Type.Union([Type.Number(), Type.Null()], { description: 'The worst value while it was open' }),
      }),
    ),
    pages: Type.Array(Type.Object(pageFields), { description: 'Openings that somebody would have been told of' }),
    silenced: Type.Array(Type.Object({ ...pageFields, silence_id: Type.String() }), {
      description: 'Openings that a silence of today would have muted',
    }),
    series: Type.Array(Type.Object({ time: Time, value: Type.Union([Type.Number(), Type.Null()]) }), {
      description: 'The value, of the worst group, thinned out to some hundred points',
    }),
  },
  { $id: 'Preview' },
);
export type Preview = Static<typeof Preview>;
