import { type Static, Type } from '@sinclair/typebox';
import { commonV2, Host, Id, JsonObject, Moment, oneOf, Service, storedFields } from './common.ts';
import { LIMITS } from './limits.ts';

export const SPAN_KINDS = ['internal', 'server', 'client', 'producer', 'consumer'] as const;
export const SPAN_STATES = ['unset', 'ok', 'error'] as const;

/**
 * One piece of work of a trace. There are spans since version 2 only. Where an event says under `kind` that it is a span
 * (in `/ingest/batch` and in a trace), the span's own kind is called `span_kind`.
 */
export const Span = Type.Object(
  {
    ...commonV2,
    timestamp: Type.Optional(Moment('The stored one is `start`, whatever stands here')),
    service: Service,
    name: Type.String({ minLength: 1, maxLength: LIMITS.spanName }),
    trace_id: Id,
    span_id: Id,
    start: Moment('RFC 3339, to the nanosecond'),
    end: Moment('Not before `start`'),
    parent_span_id: Type.Optional(Id),
    kind: Type.Optional(oneOf(SPAN_KINDS)),
    status: Type.Optional(oneOf(SPAN_STATES)),
    attributes: Type.Optional(JsonObject),
    host: Type.Optional(Host),
  },
  { additionalProperties: false, $id: 'Span' },
);

const { kind: span_kind, ...otherFields } = Span.properties;

/** A span's fields where `kind` says that it is one. */
export const kindedSpan = { ...otherFields, kind: Type.Literal('span'), span_kind };

export const StoredSpan = Type.Object(
  {
    ...Span.properties,
    ...storedFields,
    duration_ms: Type.Number({ minimum: 0, description: 'From `start` to `end`, to the nanosecond' }),
  },
  { $id: 'StoredSpan' },
);

export type Span = Static<typeof Span>;
export type StoredSpan = Static<typeof StoredSpan>;
