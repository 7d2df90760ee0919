import { type Static, Type } from '@sinclair/typebox';
import { list, oneOf } from './common.ts';
import type { IncidentPayload, Target } from './delivery.ts';

export const INCIDENT_STATES = ['open', 'acknowledged', 'resolved'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

/** What can happen to an incident that others hear of. */
export const INCIDENT_EVENTS = ['opened', 'acknowledged', 'resolved', 'reopened', 'noted'] as const;
export type IncidentEvent = (typeof INCIDENT_EVENTS)[number];

const MaybeTime = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);

/** One entry of an incident's history. `from` equals `to` for a note. */
const Transition = Type.Object({
  at: Type.String({ format: 'date-time' }),
  from: Type.Union([oneOf(INCIDENT_STATES), Type.Null()]),
  to: oneOf(INCIDENT_STATES),
  by: Type.String({ description: 'A person, a key, or `lightwatch`' }),
  note: Type.Optional(Type.String()),
});

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

/** What an incident says of the rule that opened it, so that it can still be told when the rule has changed or is gone. */
export interface Cause {
  rule: { id: string; name: string; type: string; severity: string };
  threshold: number | null;
  window: string;
  /** Who was told of the opening, and will be told of the end. */
  targets: Target[];
}

/** A notification that was decided on together with a transition and is not yet in the outbox. */
export interface Notice {
  /** The transition it tells of. */
  sequence: number;
  at: string;
  targets: Target[];
  payload: IncidentPayload;
}

/** An incident as it is kept: with what the engine must remember. */
export interface StoredIncident extends Incident {
  cause: Cause;
  /** Transitions so far, notes included. Names each of them for good, also when the history has been cut. */
  sequence: number;
  /** Since when the condition has been clear, while the incident is active. */
  clearSince: string | null;
  /** Written in one step with the transition they tell of: a crash before the outbox has them loses none. */
  notices: Notice[];
  /** Whether there are notices: what a search can ask for. */
  announcing: boolean;
  /** The silence that kept its last opening from being told, until somebody is told of it after all. */
  mutedBy: string | null;
}

/** A breach that has to last for its rule's `for` before anyone hears of it. Its id is the id its incident will have. */
export interface PendingBreach {
  id: string;
  rule_id: string;
  service: string;
  group: string | null;
  since: string;
}
