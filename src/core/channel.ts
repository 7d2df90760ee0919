import type { TSchema } from '@sinclair/typebox';
import {
  CHANNEL_SPECS,
  CHANNEL_TYPES,
  type ChannelSpec,
  type ChannelType,
  type StoredChannel,
} from '../../schemas/channel.ts';
import { type BodyReading, refused } from './body-reading.ts';
import { explain, type Fault } from './check.ts';
import { isObject, type JsonObject, mergePatch, without } from './json-object.ts';
import { SchemaCheck } from './schema-check.ts';

/** What is shown of a secret, and stands for the one that is kept when it comes back. */
export const MASK = '********';

/** What the server adds to a channel: allowed in a PUT, so that what was read can be written back. */
const MADE_FIELDS = ['id', 'createdAt', 'problem'] as const;

/** Secrets of their own; a URL can hold one too. */
const SECRETS = ['secret', 'routing_key'] as const;
/** Their URLs are the whole credential: who knows one can post. */
const SECRET_URLS: readonly ChannelType[] = ['slack', 'discord'];
/** A part of a path that was made by chance: nobody writes this many characters with digits among them. */
const TOKEN = /^(?=[^/]*\d)[\w-]{16,}$/;
/** What signs webhooks, as the Standard Webhooks write it. */
const WEBHOOK_SECRET = 'whsec_';

/** By type, so that a fault names the field and not every type it could have been. */
const CHECKS: Readonly<Record<ChannelType, SchemaCheck<TSchema>>> = {
  webhook: new SchemaCheck(CHANNEL_SPECS.webhook),
  slack: new SchemaCheck(CHANNEL_SPECS.slack),
  discord: new SchemaCheck(CHANNEL_SPECS.discord),
  pagerduty: new SchemaCheck(CHANNEL_SPECS.pagerduty),
  email: new SchemaCheck(CHANNEL_SPECS.email),
};

/** A channel as a client writes it. `name` is taken when it has none of its own. */
export function readChannel(body: unknown, name: (type: string) => string): BodyReading<ChannelSpec> {
  if (!isObject(body)) return refused('body', 'must be a JSON object');
  const { type } = body;
  if (!isChannelType(type)) return refused('type', `must be one of ${CHANNEL_TYPES.join(', ')}`);
  const full = { name: name(type), enabled: true, ...body };
  if (!isSpec(full, type)) return { ok: false, faults: explain(CHECKS[type], full) };
  const faults = meaningFaults(full);
  return faults.length === 0 ? { ok: true, value: full } : { ok: false, faults };
}

/** A whole new channel in the place of one; a secret that comes back masked stays what it is. */
export function readChannelReplacement(kept: StoredChannel, body: unknown): BodyReading<ChannelSpec> {
  if (!isObject(body)) return refused('body', 'must be a JSON object');
  return readChannel(unmasked(kept, without(body, MADE_FIELDS)), () => kept.name);
}

/** A channel with some fields changed, as JSON Merge Patch (RFC 7396) says: null takes a field away. */
export function readChannelPatch(kept: StoredChannel, body: unknown): BodyReading<ChannelSpec> {
  if (!isObject(body)) return refused('body', 'must be a JSON object');
  const { id: _id, createdAt: _created, ...spec } = kept;
  return readChannel(mergePatch(spec, unmasked(kept, without(body, MADE_FIELDS))), () => kept.name);
}

/** A channel as it is shown. Nothing that would let its reader send in our place is left in it. */
export function maskChannel(channel: StoredChannel): StoredChannel {
  const masked: StoredChannel = { ...channel };
  if ('secret' in masked && masked.secret !== undefined) masked.secret = MASK;
  if ('routing_key' in masked) masked.routing_key = MASK;
  if ('target' in masked && masked.target !== undefined) {
    masked.target = SECRET_URLS.includes(masked.type)
      ? `${new URL(masked.target).origin}/${MASK}`
      : maskUrl(masked.target);
  }
  return masked;
}

/** A URL without the parts that look like a credential: its query, and what in its path was made by chance. */
function maskUrl(text: string): string {
  const { origin, pathname, search } = new URL(text);
  const path = pathname.split('/').map((part) => (TOKEN.test(part) ? MASK : part));
  return `${origin}${path.join('/')}${search === '' ? '' : `?${MASK}`}`;
}

function unmasked(kept: StoredChannel, body: JsonObject): JsonObject {
  const shown: JsonObject = { ...maskChannel(kept) };
  const real: JsonObject = { ...kept };
  const back = [...SECRETS, 'target'].filter((key) => key in body && key in shown && body[key] === shown[key]);
  return { ...body, ...Object.fromEntries(back.map((key) => [key, real[key]])) };
}

function isChannelType(type: unknown): type is ChannelType {
  return CHANNEL_TYPES.some((known) => known === type);
}

function isSpec(body: unknown, type: ChannelType): body is ChannelSpec {
  return CHECKS[type].Check(body);
}

/** What a schema cannot say. */
function meaningFaults(spec: ChannelSpec): Fault[] {
  const faults: Fault[] = [];
  if (isChannelType(spec.name)) faults.push({ field: 'name', message: 'must not be the word for a type of channels' });
  const fields: JsonObject = { ...spec };
  for (const field of [...SECRETS, 'target']) {
    const value = fields[field];
    if (typeof value === 'string' && value.includes(MASK))
      faults.push({ field, message: 'is masked: give it in full' });
  }
  if (spec.type === 'webhook' && spec.secret !== undefined && signingKey(spec.secret) === undefined) {
    faults.push({ field: 'secret', message: `must be base64 after ${WEBHOOK_SECRET}` });
  }
  return faults;
}

/**
 * The bytes that sign a webhook: what is base64 after `whsec_`, as Standard Webhooks writes secrets, or else the text
 * itself. Undefined when it begins like the first and is not.
 */
export function signingKey(secret: string): Uint8Array | undefined {
  if (!secret.startsWith(WEBHOOK_SECRET)) return new TextEncoder().encode(secret);
  const base64 = secret.slice(WEBHOOK_SECRET.length);
  return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? Buffer.from(base64, 'base64') : undefined;
}
