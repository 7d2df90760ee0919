import { type Static, type TLiteral, type TSchema, type TUnion, Type } from '@sinclair/typebox';
import { LIMITS } from './limits.ts';

/** The newest version of the event schemas; events of version 1 are brought to it on arrival. */
export const SCHEMA_VERSION = 2;

/** RFC 3339 with a zone, to the millisecond. The format is registered by `core/timestamp.ts`. */
export const Moment = (description: string) => Type.String({ format: 'date-time', maxLength: 40, description });
const Timestamp = Moment('RFC 3339; now if missing');

export const Service = Type.String({ minLength: 1, maxLength: LIMITS.service, description: 'Who speaks' });
export const Host = Type.String({ minLength: 1, maxLength: LIMITS.host });
export const Id = Type.String({ minLength: 1, maxLength: LIMITS.id });
export const Tags = Type.Record(
  // TypeBox keeps nothing of a key's schema but its pattern, and without the last line lets other keys pass unchecked.
  Type.String({ pattern: `^[^]{1,${LIMITS.tagKey}}$` }),
  Type.String({ maxLength: LIMITS.tagValue }),
  {
    maxProperties: LIMITS.tags,
    description: `At most ${LIMITS.tags}; keys of 1 to ${LIMITS.tagKey} and values of up to ${LIMITS.tagValue} characters`,
    expects: `under a key of 1 to ${LIMITS.tagKey} characters`,
    additionalProperties: false,
  },
);
export const JsonObject = Type.Record(Type.String(), Type.Unknown(), {
  description: `Any JSON object, at most ${LIMITS.metaBytes / 1024} KiB and ${LIMITS.metaDepth} deep`,
});

/** What every event may carry, in version 2. */
export const commonV2 = {
  event_id: Type.Optional(Id),
  trace_id: Type.Optional(Id),
  span_id: Type.Optional(Id),
  schema_version: Type.Optional(Type.Literal(SCHEMA_VERSION)),
  timestamp: Type.Optional(Timestamp),
  meta: Type.Optional(JsonObject),
  tags: Type.Optional(Tags),
};

/** What every event may carry, in version 1: no ids, no meta, no tags. */
export const commonV1 = {
  schema_version: Type.Literal(1),
  timestamp: Type.Optional(Timestamp),
};

/** What every stored event carries besides its own fields. */
export const storedFields = {
  id: Type.String({ description: 'Made by the store; ordered by arrival' }),
  event_id: Type.String(),
  received_at: Type.String({ format: 'date-time' }),
  schema_version: Type.Literal(SCHEMA_VERSION),
  timestamp: Type.String({ format: 'date-time' }),
};

/** A closed set of words; the OpenAPI document shows it as an enum. */
export function oneOf<const T extends readonly string[]>(values: T, description?: string): TUnion<Literals<T>> {
  const literals = values.map((value) => Type.Literal(value)) as unknown as Literals<T>;
  return Type.Union(literals, description === undefined ? {} : { description }) as TUnion<Literals<T>>;
}
type Literals<T extends readonly string[]> = { -readonly [I in keyof T]: TLiteral<T[I]> };

/** The envelope of every list. */
export function list<T extends TSchema>(item: T) {
  return Type.Object({
    data: Type.Array(item),
    total: Type.Optional(Type.Integer({ minimum: 0, description: 'Left out with `total=none`' })),
    page: Type.Integer({ minimum: 1 }),
    limit: Type.Integer({ minimum: 1 }),
    next_cursor: Type.Optional(Type.String({ description: 'Left out on the last page' })),
  });
}

export const ErrorReply = Type.Object(
  {
    error: Type.Object({
      code: Type.String({ description: 'LW_…' }),
      message: Type.String(),
      details: Type.Optional(Type.Array(Type.Unknown())),
    }),
    request_id: Type.String(),
  },
  { $id: 'Error', description: 'Every error has this shape' },
);
export type ErrorReply = Static<typeof ErrorReply>;
