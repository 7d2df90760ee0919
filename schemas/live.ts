import { type Static, Type } from '@sinclair/typebox';
import { oneOf } from './common.ts';
import { INCIDENT_EVENTS, Incident } from './incident.ts';

/** What `/ws/alerts` sends when an incident changes. */
export const AlertMessage = Type.Object(
  { id: Type.String(), type: oneOf(INCIDENT_EVENTS), at: Type.String({ format: 'date-time' }), incident: Incident },
  { $id: 'AlertMessage' },
);
export type AlertMessage = Static<typeof AlertMessage>;

/** What a live client is told when it was too slow, or when the server itself lost its place. */
export const Gap = Type.Object(
  { type: Type.Literal('gap'), dropped: Type.Optional(Type.Integer({ description: 'Left out when it is not known' })) },
  { $id: 'Gap' },
);
export type Gap = Static<typeof Gap>;
