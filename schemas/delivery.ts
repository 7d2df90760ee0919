import { type Static, Type } from '@sinclair/typebox';
import { oneOf } from './common.ts';

export const DELIVERY_STATES = ['pending', 'delivered', 'failed', 'given_up'] as const;
export const NOTIFICATION_TYPES = ['error_alert', 'error_alert_reopened', 'alert_resolved'] as const;

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

/** A delivery as it is kept: with where it goes and what it says. */
export interface StoredDelivery extends Delivery {
  target: string;
  payload: Record<string, unknown>;
}
