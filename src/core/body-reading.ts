import type { Static, TSchema } from '@sinclair/typebox';
import { explain, type Fault } from './check.ts';
import type { SchemaCheck } from './schema-check.ts';

/** What a client's body came to: a value of its schema, or all that is wrong with it. */
export type BodyReading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export function readBody<S extends TSchema>(check: SchemaCheck<S>, body: unknown): BodyReading<Static<S>> {
  return check.Check(body) ? { ok: true, value: body } : { ok: false, faults: explain(check, body) };
}

export function refused(field: string, message: string): BodyReading<never> {
  return { ok: false, faults: [{ field, message }] };
}
