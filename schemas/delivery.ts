import { type Static, Type } from '@sinclair/typebox';
import { list, oneOf } from './common.ts';

export const DELIVERY_STATES = ['pending', 'delivered', 'failed', 'given_up'] as const;
const NOTIFICATION_TYPES = ['error_alert', 'error_alert_reopened', 'alert_resolved'] as const;
export type NotificationType = (typeof NOTIFICATION_TYPES)[number];

const MaybeTime = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);

/** One notification to one target, from before its first try until it is delivered or given up. */
export const Delivery = Type.Object(
  {
    id: Type.String({ description: 'Sent along with every try, so that a repeat can be recognised' }),
    incident_id: Type.String(),
    channel_id: Type.Union([Type.String(), Type.Null()], { description: 'Null for the URL a rule carries itself' }),
    kind: oneOf(NOTIFICATION_TYPES),
    status: oneOf(DELIVERY_STATES, '`failed`: tried, and to be tried again'),
    attempts: Type.Integer(),
    last_status: Type.Union([Type.Integer(), Type.Null()]),
    last_error: Type.Union([Type.String(), Type.Null()]),
    next_attempt_at: MaybeTime,
    created_at: Type.String({ format: 'date-time' }),
  },
  { $id: 'Delivery' },
);
export type Delivery = Static<typeof Delivery>;

export const DeliveryList = list(Delivery);

/** What a notification says, whoever it is told to: a webhook sends it as it is. */
export const NotificationPayload = Type.Object(
  {
    type: oneOf(NOTIFICATION_TYPES),
    incidentId: Type.String(),
    service: Type.String({ description: '`*` for a rule over all services' }),
    group: Type.Union([Type.String(), Type.Null()]),
    status: Type.String(),
    errorCount: Type.Number(),
    windowMinutes: Type.Number(),
    triggeredAt: Type.String({ format: 'date-time' }),
    lastSeenErrorAt: Type.String({ format: 'date-time' }),
    resolvedAt: MaybeTime,
    rule: Type.Object({ id: Type.String(), name: Type.String(), type: Type.String(), severity: Type.String() }),
    value: Type.Union([Type.Number(), Type.Null()]),
    threshold: Type.Union([Type.Number(), Type.Null()]),
    window: Type.String({ description: 'Such as `5m`' }),
    by: Type.String({ description: 'Who caused it: `lightwatch`, or whoever resolved it by hand' }),
    samples: Type.Array(
      Type.Object({
        id: Type.String(),
        timestamp: Type.String({ format: 'date-time' }),
        service: Type.String(),
        level: Type.String(),
        message: Type.String(),
      }),
      { description: 'The newest matching log lines, for rules that count logs' },
    ),
    link: Type.Union([Type.String(), Type.Null()], { description: 'Null without `PUBLIC_URL`' }),
  },
  { $id: 'NotificationPayload' },
);
export type NotificationPayload = Static<typeof NotificationPayload>;
export type LogSample = NotificationPayload['samples'][number];

/** Where a notification goes: a URL, and the channel that names it, if one does. */
export interface Target {
  channel_id: string | null;
  url: string;
}

/** A delivery as it is kept: with where it goes and what it says. */
export interface StoredDelivery extends Delivery {
  target: string;
  /** Which transition of the incident it tells of: one target hears of them in this order. */
  sequence: number;
  payload: NotificationPayload;
}
