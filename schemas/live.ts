import { type Static, Type } from '@sinclair/typebox';
import { ErrorReply, Id, oneOf, Service } from './common.ts';
import { INCIDENT_EVENTS, INCIDENT_STATES, Incident } from './incident.ts';
import { LIMITS } from './limits.ts';

/** What can be watched live; each is a socket of its own at `/ws/<channel>`. */
export const LIVE_CHANNELS = ['logs', 'metrics', 'security', 'alerts'] as const;
export type LiveChannel = (typeof LIVE_CHANNELS)[number];

/** Other names of channels that clients of the multiplexed socket may use; they are answered with the name they used. */
export const CHANNEL_ALIASES = { 'events:realtime': 'logs', 'metrics:realtime': 'metrics' } as const;

const CHANNEL_NAMES = [...LIVE_CHANNELS, 'events:realtime', 'metrics:realtime'] as const;
export type ChannelName = (typeof CHANNEL_NAMES)[number];

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

export const Since = Type.String({
  minLength: 1,
  maxLength: LIMITS.id,
  description: 'An event id: what came after it is sent first',
});

/** By what alert messages are chosen. */
export const ALERT_PARAMETERS = {
  service: Type.Optional(Service),
  status: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: `Some of ${INCIDENT_STATES.join(', ')}` }),
  ),
  type: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: `Some of ${INCIDENT_EVENTS.join(', ')}` }),
  ),
  rule: Type.Optional(Id),
};

/** Parameters of a channel, as they would stand in a query string; which ones there are depends on the channel. */
const LiveFilter = Type.Record(Type.String({ maxLength: 80 }), Type.String({ maxLength: LIMITS.searchText }), {
  maxProperties: LIMITS.tags,
});

/** What a client may say on `/ws`. On the sockets of one channel only `ping` makes sense. */
export const ClientMessage = Type.Union([
  Type.Object(
    {
      type: Type.Literal('subscribe'),
      channel: oneOf(CHANNEL_NAMES),
      filter: Type.Optional(LiveFilter),
      since: Type.Optional(Since),
    },
    { additionalProperties: false },
  ),
  Type.Object({ type: Type.Literal('unsubscribe'), channel: oneOf(CHANNEL_NAMES) }, { additionalProperties: false }),
  Type.Object({ type: Type.Literal('ping') }, { additionalProperties: false }),
]);
export type ClientMessage = Static<typeof ClientMessage>;

/** What `/ws` says, besides events: `{"type":"event","channel","data"}` and gaps, which name their channel too. */
export const ServerMessage = Type.Union([
  Type.Object({ type: Type.Literal('subscribed'), channel: oneOf(CHANNEL_NAMES) }),
  Type.Object({ type: Type.Literal('unsubscribed'), channel: oneOf(CHANNEL_NAMES) }),
  Type.Object({ type: Type.Literal('pong') }),
  Type.Object({ type: Type.Literal('error'), error: ErrorReply.properties.error }),
]);
export type ServerMessage = Static<typeof ServerMessage>;
