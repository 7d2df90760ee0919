import { type Static, Type } from '@sinclair/typebox';
import { commonV1, commonV2, Host, oneOf, Service, storedFields } from './common.ts';
import { LIMITS } from './limits.ts';

export const HEALTH_STATES = ['healthy', 'degraded', 'unhealthy'] as const;
export type Health = (typeof HEALTH_STATES)[number];

export const Heartbeat = Type.Object(
  {
    ...commonV2,
    service: Service,
    status: oneOf(HEALTH_STATES),
    host: Type.Optional(Host),
    version: Type.Optional(Type.String({ maxLength: LIMITS.version })),
  },
  { additionalProperties: false, $id: 'Heartbeat' },
);

/** Version 1 knew neither `status` nor `version`: to speak was to be healthy. */
export const HeartbeatV1 = Type.Object(
  { ...commonV1, service: Service, host: Type.Optional(Host) },
  { additionalProperties: false, $id: 'HeartbeatV1' },
);
export const StoredHeartbeat = Type.Object({ ...Heartbeat.properties, ...storedFields }, { $id: 'StoredHeartbeat' });

export type Heartbeat = Static<typeof Heartbeat>;
export type StoredHeartbeat = Static<typeof StoredHeartbeat>;

/** One row of `/api/services`: a service with its newest heartbeat. */
export const ServiceState = Type.Object(
  {
    service: Type.String(),
    status: oneOf([...HEALTH_STATES, 'stale'], '`stale`: its last heartbeat is overdue'),
    last_seen: Type.String({ format: 'date-time' }),
    age_seconds: Type.Number(),
    versions: Type.Array(Type.String()),
    hosts: Type.Array(Type.String()),
  },
  { $id: 'Service' },
);
export type ServiceState = Static<typeof ServiceState>;
