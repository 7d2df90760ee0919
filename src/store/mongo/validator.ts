import type { TSchema } from '@sinclair/typebox';
import { EVENT_SCHEMAS, type Kind } from '../../../schemas/event.ts';
import { JSON_FIELDS } from './event-document.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

const TEXT: JsonSchema = { bsonType: 'string' };
const TIME: JsonSchema = { bsonType: 'date' };
/** However a number is stored. */
const NUMBER = ['double', 'int', 'long', 'decimal'];
const TAGS: JsonSchema = {
  bsonType: 'array',
  items: { bsonType: 'object', required: ['k', 'v'], properties: { k: TEXT, v: TEXT } },
};

/** Fields whose form in the database is not the one on the wire; `event_id` is `_id` there. */
const STORED_AS: Readonly<Record<string, JsonSchema>> = {
  timestamp: TIME,
  received_at: TIME,
  tags: TAGS,
  ...Object.fromEntries(JSON_FIELDS.map((field) => [field, TEXT])),
};

/** Never stored: `event_id` is `_id`, and all events are of one schema version. */
const LEFT_OUT = ['event_id', 'schema_version'];

/**
 * What the documents of a kind look like, for MongoDB's own check: the schema of stored events in the words that MongoDB
 * has for it. It only warns, about what somebody else has written there; further fields may be of a newer version's.
 */
export function validatorOf(kind: Kind): { readonly $jsonSchema: JsonSchema } {
  const { stored } = EVENT_SCHEMAS[kind];
  const fields = Object.entries<TSchema>(stored.properties).filter(([name]) => !LEFT_OUT.includes(name));
  const required = (stored.required ?? []).filter((name: string) => !LEFT_OUT.includes(name));
  return {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', ...required],
      properties: {
        _id: TEXT,
        ...Object.fromEntries(fields.map(([name, schema]) => [name, STORED_AS[name] ?? bsonSchema(schema)])),
      },
    },
  };
}

/** A field that is a text, a number or one of some words. Lengths are left to the check at the door: it says more. */
function bsonSchema(schema: TSchema): JsonSchema {
  const words = (schema.anyOf ?? []).map((word: TSchema) => word.const);
  if (words.length > 0) return { enum: words };
  return { bsonType: schema.type === 'number' ? NUMBER : schema.type };
}
