import { type Static, Type } from '@sinclair/typebox';
import { commonV1, commonV2, Host, oneOf, Service, storedFields } from './common.ts';
import { LIMITS } from './limits.ts';

/** From least to most severe: `min_level` and the store's codes rely on this order. */
export const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Level = (typeof LEVELS)[number];

const own = {
  service: Service,
  level: oneOf(LEVELS),
  message: Type.String({ maxLength: LIMITS.message }),
  host: Type.Optional(Host),
};

export const Log = Type.Object({ ...commonV2, ...own }, { additionalProperties: false, $id: 'Log' });
export const LogV1 = Type.Object({ ...commonV1, ...own }, { additionalProperties: false, $id: 'LogV1' });
export const StoredLog = Type.Object({ ...Log.properties, ...storedFields }, { $id: 'StoredLog' });

export type Log = Static<typeof Log>;
export type StoredLog = Static<typeof StoredLog>;
