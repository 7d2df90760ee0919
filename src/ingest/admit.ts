import type { TSchema } from '@sinclair/typebox';
import { SCHEMA_VERSION } from '../../schemas/common.ts';
import { EVENT_SCHEMAS, type Kind } from '../../schemas/event.ts';
import { LIMITS } from '../../schemas/limits.ts';
import { explain, type Fault, sentence } from '../core/check.ts';
import type { EventOf } from '../core/event.ts';
import { SchemaCheck } from '../core/schema-check.ts';
import { spanTimes } from '../core/span-times.ts';
import { parseTimestamp } from '../core/timestamp.ts';
import type { ErrorCode } from '../errors.ts';

/** Why something that was sent is no event. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: readonly Fault[];
}

export type Admission<K extends Kind> = { readonly event: EventOf<K> } | { readonly refusal: Refusal };

type Checks = { readonly v1: SchemaCheck<TSchema>; readonly v2: SchemaCheck<TSchema> };

const CHECKS = Object.fromEntries(
  Object.entries(EVENT_SCHEMAS).map(([kind, { v1, v2 }]) => [
    kind,
    { v1: new SchemaCheck<TSchema>(v1), v2: new SchemaCheck<TSchema>(v2) },
  ]),
) as Record<Kind, Checks>;

/** How a body was written decides how much has to be looked at. */
export interface AdmitOptions {
  /** When the request came, in milliseconds since the epoch: the time of an event that has none. */
  readonly now: number;
  /** Whether strings may hold what JSON can only say by `\u`: lone surrogates among it. */
  readonly escapes: boolean;
}

/**
 * Checks what a client sent and brings it to version 2. The value becomes the event: it must be the caller's own.
 */
export function admit<K extends Kind>(kind: K, value: unknown, { now, escapes }: AdmitOptions): Admission<K> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { refusal: { code: 'LW_INVALID_EVENT', message: 'event: must be an object' } };
  }
  const sent = value as Record<string, unknown>;
  const version = sent.schema_version;
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    return refuse([
      {
        field: 'schema_version',
        message: `${version} is newer than this server knows: the newest is ${SCHEMA_VERSION}`,
      },
    ]);
  }
  const check = version === 1 ? CHECKS[kind].v1 : CHECKS[kind].v2;
  if (!check.Check(sent)) return refuse(explain(check, sent, 'event'));
  const fault = beyondSchema(sent);
  if (fault !== undefined) return refuse([fault]);
  const checked = version === undefined ? sent : withoutVersion(kind, sent);
  const whole = escapes ? (wellFormed(checked) as Record<string, unknown>) : checked;
  if (kind === 'span') return admitSpan(whole) as Admission<K>;
  whole.timestamp = typeof whole.timestamp === 'string' ? parseTimestamp(whole.timestamp) : now;
  return { event: whole as unknown as EventOf<K> };
}

/** A span's time is its start; its ends are brought to UTC. */
function admitSpan(sent: Record<string, unknown>): Admission<'span'> {
  const times = spanTimes(String(sent.start), String(sent.end));
  if (times === undefined) return refuse([{ field: 'end', message: 'must not be before start' }]);
  return { event: Object.assign(sent, times) as unknown as EventOf<'span'> };
}

function refuse(details: readonly Fault[]): { readonly refusal: Refusal } {
  return { refusal: { code: 'LW_INVALID_EVENT', message: sentence(details), details } };
}

/** Version 1 knew fewer fields; its heartbeats had no status, because to speak was to be healthy. */
function withoutVersion(
  kind: Kind,
  { schema_version: version, ...event }: Record<string, unknown>,
): Record<string, unknown> {
  return version === 1 && kind === 'heartbeat' ? { ...event, status: 'healthy' } : event;
}

/** Limits that a schema cannot state: bytes instead of characters, and what is inside `meta`. */
function beyondSchema({ message, meta, attributes }: Record<string, unknown>): Fault | undefined {
  if (
    typeof message === 'string' &&
    message.length * 3 > LIMITS.message &&
    Buffer.byteLength(message) > LIMITS.message
  ) {
    return { field: 'message', message: `must have at most ${LIMITS.message} bytes in UTF-8` };
  }
  return objectFault(meta, 'meta') ?? objectFault(attributes, 'attributes');
}

/** What is wrong with a field that may hold any JSON object. */
function objectFault(value: unknown, field: string): Fault | undefined {
  if (value === undefined) return undefined;
  const fault = innerFault(value, LIMITS.metaDepth, field);
  if (fault === TOO_DEEP) return { field, message: `must not nest deeper than ${LIMITS.metaDepth}` };
  if (fault !== undefined) return fault;
  if (Buffer.byteLength(JSON.stringify(value)) <= LIMITS.metaBytes) return undefined;
  return { field, message: `must have at most ${LIMITS.metaBytes} bytes as JSON` };
}

const TOO_DEEP: Fault = { field: '', message: '' };

/** JSON says 1e999 where JavaScript says Infinity, which JSON cannot say again. */
function innerFault(value: unknown, depth: number, field: string): Fault | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return { field, message: 'must be a finite number' };
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === 0) return TOO_DEEP;
  for (const [key, inner] of Object.entries(value)) {
    const fault = innerFault(inner, depth - 1, `${field}.${key}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The same value with U+FFFD for each half of a surrogate pair: no store could keep those. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toWellFormed(), wellFormed(inner)]));
}
