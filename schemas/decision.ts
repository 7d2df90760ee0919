import { type Static, Type } from '@sinclair/typebox';
import { list, oneOf } from './common.ts';

/** What came of an evaluation that could have paged. */
export const DECISION_OUTCOMES = [
  'paged',
  'reopened',
  'updated',
  'cooldown',
  'quiet_period',
  'silenced',
  'storm',
  'not_breached',
  'no_data',
] as const;
export type DecisionOutcome = (typeof DECISION_OUTCOMES)[number];

const MaybeText = Type.Union([Type.String(), Type.Null()]);
const MaybeNumber = Type.Union([Type.Number(), Type.Null()]);

/** Why an evaluation did, or did not, page. Evaluations in a row that came to the same are one decision. */
export const Decision = Type.Object(
  {
    id: Type.String(),
    ruleId: Type.String(),
    incident_id: Type.Union([Type.String(), Type.Null()], {
      description: 'The id its incident has, or would have; null for all groups of a rule together',
    }),
    service: Type.String(),
    group: MaybeText,
    at: Type.String({ format: 'date-time', description: 'When it was first decided so' }),
    until: Type.String({ format: 'date-time', description: 'When it was last decided so' }),
    count: Type.Integer({ minimum: 1, description: 'Evaluations that came to it' }),
    outcome: oneOf(DECISION_OUTCOMES),
    reason: Type.String({ description: 'A sentence, of the last of them' }),
    value: MaybeNumber,
    threshold: MaybeNumber,
    silence_id: MaybeText,
    delivery_ids: Type.Array(Type.String()),
  },
  { $id: 'Decision' },
);
export type Decision = Static<typeof Decision>;

export const DecisionList = list(Decision);

/** A decision as it is kept. */
export interface StoredDecision extends Decision {
  /** Whether the next evaluation that comes to the same is counted in it. */
  status: 'current' | 'past';
}
