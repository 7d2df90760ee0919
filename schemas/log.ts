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

/** A log as a list gives it: with `highlight=true` it says where the words and matches stand. */
export const FoundLog = Type.Object({
  ...StoredLog.properties,
  highlights: Type.Optional(
    Type.Array(Type.Object({ start: Type.Integer(), end: Type.Integer() }), {
      description: 'Places in `message`, in UTF-16 units; `end` is the first after it',
    }),
  ),
});

export type Log = Static<typeof Log>;
export type StoredLog = Static<typeof StoredLog>;
