import { SilenceBody, type StoredSilence } from '../../schemas/silence.ts';
import { type BodyReading, readBody, refused } from './body-reading.ts';
import { isObject, type JsonObject, mergePatch, without } from './json-object.ts';
import { SchemaCheck } from './schema-check.ts';
import { type SilenceSpec, silenceFaults, silenceSpec } from './silence.ts';

const CHECK = new SchemaCheck(SilenceBody);

/** What the server adds to a silence: allowed in a PUT, so that what was read can be written back. */
const MADE_FIELDS = ['id', 'status', 'created_by', 'created_at'] as const;

/** A silence as a client writes it, in its full form. */
export function readSilence(body: unknown, now: number): BodyReading<SilenceSpec> {
  const reading = readBody(CHECK, body);
  if (!reading.ok) return reading;
  const spec = silenceSpec(reading.value, now);
  const faults = silenceFaults(spec);
  return faults.length === 0 ? { ok: true, value: spec } : { ok: false, faults };
}

/** A whole new silence in the place of one; without `starts_at` it starts when that did. */
export function readSilenceReplacement(kept: StoredSilence, body: unknown, now: number): BodyReading<SilenceSpec> {
  if (!isObject(body)) return refused('body', 'must be a JSON object');
  return readSilence({ starts_at: kept.starts_at, ...without(body, MADE_FIELDS) }, now);
}

/** A silence with some fields changed, as JSON Merge Patch (RFC 7396) says: null takes a field away. */
export function readSilencePatch(kept: StoredSilence, body: unknown, now: number): BodyReading<SilenceSpec> {
  if (!isObject(body)) return refused('body', 'must be a JSON object');
  const spec: JsonObject = without({ ...kept }, MADE_FIELDS);
  return readSilence(mergePatch(spec, without(body, MADE_FIELDS)), now);
}
