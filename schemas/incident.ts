import { type Static, Type } from '@sinclair/typebox';
import { list, oneOf } from './common.ts';

export const INCIDENT_STATES = ['open', 'acknowledged', 'resolved'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

/** What can happen to an incident that others hear of. */
export const INCIDENT_EVENTS = ['opened', 'acknowledged', 'resolved', 'reopened', 'noted'] as const;

const MaybeTime = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);

/** One entry of an incident's history. `from` equals `to` for a note. */
export const Transition = Type.Object({
  at: Type.String({ format: 'date-time' }),
  from: Type.Union([oneOf(INCIDENT_STATES), Type.Null()]),
  to: oneOf(INCIDENT_STATES),
  by: Type.String({ description: 'A person, a key, or `lightwatch`' }),
  note: Type.Optional(Type.String()),
});
export type Transition = Static<typeof Transition>;

/** A breach of a rule by one service (and group), from its first moment until it is resolved. */
export const Incident = Type.Object(
  {
    id: Type.String(),
    ruleId: Type.String(),
    service: Type.String({ description: '`*` for a rule over all services' }),
    group: Type.Union([Type.String(), Type.Null()]),
    fingerprint: Type.String({ description: '`{service}:{ruleId}[:{group}]`' }),
    status: oneOf(INCIDENT_STATES),
    errorCount: Type.Number({ description: 'The value as a count, for rules that count; else 0' }),
    value: Type.Union([Type.Number(), Type.Null()]),
    windowMinutes: Type.Number(),
    triggeredAt: Type.String({ format: 'date-time' }),
    lastSeenErrorAt: Type.String({ format: 'date-time' }),
    acknowledgedAt: MaybeTime,
    resolvedAt: MaybeTime,
    history: Type.Array(Transition),
  },
  { $id: 'Incident' },
);
export type Incident = Static<typeof Incident>;

export const IncidentList = list(Incident);
