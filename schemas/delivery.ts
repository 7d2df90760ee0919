import { type Static, Type } from '@sinclair/typebox';
import { CHANNEL_TYPES, type ChannelType } from './channel.ts';
import { list, oneOf } from './common.ts';

export const DELIVERY_STATES = ['pending', 'delivered', 'failed', 'given_up'] as const;
/** What is told of an incident. An acknowledgement is told to channels that keep incidents of their own. */
const NOTIFICATION_TYPES = ['error_alert', 'error_alert_reopened', 'alert_acknowledged', 'alert_resolved'] as const;
export type NotificationType = (typeof NOTIFICATION_TYPES)[number];
export const DELIVERY_KINDS = [...NOTIFICATION_TYPES, 'alert_storm'] as const;

const MaybeTime = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
const MaybeText = Type.Union([Type.String(), Type.Null()]);
const MaybeNumber = Type.Union([Type.Number(), Type.Null()]);

/** One notification to one target, from before its first try until it is delivered or given up. */
export const Delivery = Type.Object(
  {
    id: Type.String({ description: 'Sent along with every try, so that a repeat can be recognised' }),
    incident_id: Type.Union([Type.String(), Type.Null()], { description: 'Null for the summary of a storm' }),
    channel_id: Type.Union([Type.String(), Type.Null()], { description: 'Null for the URL a rule carries itself' }),
    channel_type: oneOf<readonly ChannelType[]>(CHANNEL_TYPES),
    kind: oneOf(DELIVERY_KINDS),
    status: oneOf(DELIVERY_STATES, '`failed`: tried, and to be tried again'),
    attempts: Type.Integer(),
    last_status: Type.Union([Type.Integer(), Type.Null()], { description: 'What the target answered' }),
    last_error: MaybeText,
    next_attempt_at: MaybeTime,
    summary_id: Type.Union([Type.String(), Type.Null()], {
      description: 'In a storm: the delivery that tells this one together with others',
    }),
    created_at: Type.String({ format: 'date-time' }),
  },
  { $id: 'Delivery' },
);
export type Delivery = Static<typeof Delivery>;

export const DeliveryList = list(Delivery);

/** What a notification says, whoever it is told to: a webhook sends it as it is. */
export const NotificationPayload = Type.Object(
  {
    type: oneOf([...NOTIFICATION_TYPES, 'channel_test']),
    incidentId: Type.String(),
    service: Type.String({ description: '`*` for a rule over all services' }),
    group: MaybeText,
    status: Type.String(),
    errorCount: Type.Number(),
    windowMinutes: Type.Number(),
    triggeredAt: Type.String({ format: 'date-time' }),
    lastSeenErrorAt: Type.String({ format: 'date-time' }),
    resolvedAt: MaybeTime,
    rule: Type.Object({ id: Type.String(), name: Type.String(), type: Type.String(), severity: Type.String() }),
    value: MaybeNumber,
    threshold: MaybeNumber,
    window: Type.String({ description: 'Such as `5m`' }),
    by: Type.String({ description: 'Who caused it: `lightwatch`, or whoever did it by hand' }),
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
    chart: Type.Array(Type.Object({ time: Type.String({ format: 'date-time' }), value: Type.Number() }), {
      description: 'What the rule looks at, as it came to this; empty when there is nothing to draw',
    }),
    link: Type.Union([Type.String(), Type.Null()], { description: 'Null without `PUBLIC_URL`' }),
  },
  { $id: 'NotificationPayload' },
);
export type NotificationPayload = Static<typeof NotificationPayload>;
/** What is told of a real incident. */
export type IncidentPayload = NotificationPayload & { type: NotificationType };
export type LogSample = NotificationPayload['samples'][number];
export type ChartPoint = NotificationPayload['chart'][number];

const Count = Type.Integer({ minimum: 0 });

/** Many notifications of one channel in one: what is told in a storm. */
export const StormPayload = Type.Object(
  {
    type: Type.Literal('alert_storm'),
    from: Type.String({ format: 'date-time' }),
    to: Type.String({ format: 'date-time' }),
    total: Count,
    opened: Count,
    reopened: Count,
    acknowledged: Count,
    resolved: Count,
    severity: Type.String({ description: 'The worst of them' }),
    services: Type.Array(Type.Object({ service: Type.String(), count: Count }), {
      description: 'Most first, all of them',
    }),
    notifications: Type.Array(
      Type.Object({
        id: Type.String({ description: 'Of its delivery' }),
        type: oneOf(NOTIFICATION_TYPES),
        incidentId: Type.String(),
        service: Type.String(),
        group: MaybeText,
        rule: Type.String({ description: 'Its name' }),
        value: MaybeNumber,
        threshold: MaybeNumber,
      }),
    ),
    link: MaybeText,
  },
  { $id: 'StormPayload' },
);
export type StormPayload = Static<typeof StormPayload>;

/** Where a notification goes: to a channel, which is read when it is sent, or to the URL that a rule carries itself. */
export type Target =
  | { readonly channel_id: string; readonly type: ChannelType; readonly url: null }
  | { readonly channel_id: null; readonly type: 'webhook'; readonly url: string };

/** A delivery as it is kept: with where it goes and what it says. */
export interface StoredDelivery extends Delivery {
  /** What is one for all that goes the same way: the id of a channel, or the URL that a rule carries. */
  target: string;
  /** Which transition of the incident it tells of: one target hears of them in this order. */
  sequence: number;
  /** When it is no news any more. */
  expires_at: string;
  payload: IncidentPayload | StormPayload;
}
