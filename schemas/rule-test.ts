import { Type } from '@sinclair/typebox';

const MaybeNumber = Type.Union([Type.Number(), Type.Null()]);

/** What a rule finds at this moment, of which nothing follows. */
export const RuleTest = Type.Object(
  {
    at: Type.String({ format: 'date-time' }),
    breached: Type.Boolean({ description: 'Whether any of them is' }),
    data: Type.Array(
      Type.Object({
        service: Type.String(),
        group: Type.Union([Type.String(), Type.Null()]),
        breached: Type.Boolean(),
        value: MaybeNumber,
        threshold: MaybeNumber,
        reason: Type.String(),
      }),
      { description: 'The first 500 groups, those that are breached before the others' },
    ),
  },
  { $id: 'RuleTest' },
);
