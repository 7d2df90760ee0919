import { isIP } from 'node:net';
import { FormatRegistry, Kind, type TObject, type TSchema } from '@sinclair/typebox';
import { type ValueError, ValueErrorType } from '@sinclair/typebox/errors';
import type { SchemaCheck } from './schema-check.ts';
import './timestamp.ts';

/** What is wrong with one field. `field` is its path as people write it: `tags.region`, `events[3].level`. */
export interface Fault {
  readonly field: string;
  readonly message: string;
}

/** More would help nobody, and a hostile body of many faults must not become a larger answer. */
const MAX_FAULTS = 20;

/** Words listed in full when a value must be one of them. */
const MAX_WORDS = 30;

FormatRegistry.Set('ip', (text) => isIP(text) !== 0);

/** How formats are called in a sentence. */
const FORMATS: Readonly<Record<string, string>> = {
  ip: 'must be an IPv4 or IPv6 address',
  'date-time': 'must be a time such as 2026-01-31T12:00:00Z (RFC 3339, with a zone)',
};

/**
 * Why `value` does not pass `check`: one entry a field, the first reason of each; empty when it passes.
 * A string whose schema carries `expects` ("a whole number from 1 to 500") is explained with it instead of its pattern.
 * @param whole how the value itself is called when no field of it can be named: `body`, `event`
 */
export function explain(check: Pick<SchemaCheck<TSchema>, 'Errors'>, value: unknown, whole = 'body'): readonly Fault[] {
  const faults = new Map<string, string>();
  for (const error of check.Errors(value)) {
    for (const { field, message } of unfold(error, whole)) if (!faults.has(field)) faults.set(field, message);
    if (faults.size >= MAX_FAULTS) break;
  }
  return Array.from(faults, ([field, message]) => ({ field, message }));
}

/** Faults as one sentence for a person: `level: must be one of …; colour: is not a known field`. */
export function sentence(faults: readonly Fault[]): string {
  return faults.map(({ field, message }) => `${field}: ${message}`).join('; ');
}

/** A union says only that nothing fitted; what the sender meant is in the variant that comes closest. */
function* unfold(error: ValueError, whole: string): Iterable<Fault> {
  if (error.type !== ValueErrorType.Union || allowedWords(error.schema) !== undefined || error.value === undefined) {
    yield { field: fieldName(error.path, whole), message: describe(error) };
    return;
  }
  const tag = discriminator(error.schema, error.value);
  if (tag?.variant === -1) {
    yield { field: fieldName(`${error.path}/${tag.key}`, whole), message: mustBeOneOf(tag.words) };
    return;
  }
  const variants = error.errors.map((errors) => Array.from(errors));
  const meant = tag === undefined ? closest(variants) : variants[tag.variant];
  if (meant === undefined) {
    yield { field: fieldName(error.path, whole), message: 'has a value that is not allowed' };
    return;
  }
  for (const inner of meant) yield* unfold(inner, whole);
}

/** The variant with the fewest complaints that are not about its very type. */
function closest(variants: readonly (readonly ValueError[])[]): readonly ValueError[] | undefined {
  return variants.toSorted((a, b) => a.length - b.length || depth(b) - depth(a))[0];
}

const depth = (errors: readonly ValueError[]) => Math.max(0, ...errors.map((error) => error.path.length));

/** For a union of objects told apart by a constant (`type: "threshold"`): which one was meant; -1 when none. */
function discriminator(schema: TSchema, value: unknown) {
  const variants: TSchema[] = schema.anyOf ?? [];
  if (typeof value !== 'object' || value === null || !variants.every(isObject)) return undefined;
  const key = Object.keys(variants[0]?.properties ?? {}).find((name) =>
    variants.every((variant) => variant.properties[name]?.const !== undefined),
  );
  if (key === undefined) return undefined;
  const words = variants.map((variant) => variant.properties[key]?.const);
  return { key, words, variant: words.indexOf((value as Record<string, unknown>)[key]) };
}

function isObject(schema: TSchema): schema is TObject {
  return schema[Kind] === 'Object';
}

/** The words of a union of constants; undefined for any other schema. */
function allowedWords(schema: TSchema): readonly unknown[] | undefined {
  const variants: TSchema[] | undefined = schema.anyOf;
  return variants?.every((variant) => variant.const !== undefined)
    ? variants.map(({ const: word }) => word)
    : undefined;
}

function mustBeOneOf(words: readonly unknown[]): string {
  return words.length === 1 ? `must be ${words[0]}` : `must be one of ${words.slice(0, MAX_WORDS).join(', ')}`;
}

function describe({ type, schema, value }: ValueError): string {
  switch (type) {
    case ValueErrorType.ObjectRequiredProperty:
      return 'is required';
    case ValueErrorType.ObjectAdditionalProperties:
      return schema.expects === undefined ? 'is not a known field' : `must be ${schema.expects}`;
    case ValueErrorType.Union:
      return mustBeOneOf(allowedWords(schema) ?? []);
    case ValueErrorType.Literal:
      return mustBeOneOf([schema.const]);
    case ValueErrorType.StringFormat:
      return FORMATS[schema.format ?? ''] ?? `must be a valid ${schema.format}`;
    case ValueErrorType.StringPattern:
      return `must be ${schema.expects ?? `text that matches ${schema.pattern}`}`;
    case ValueErrorType.StringMinLength:
      return schema.minLength === 1 ? 'must not be empty' : `must have at least ${schema.minLength} characters`;
    case ValueErrorType.StringMaxLength:
      return `must have at most ${schema.maxLength} characters`;
    case ValueErrorType.ArrayMinItems:
      return `must have at least ${schema.minItems} ${schema.minItems === 1 ? 'entry' : 'entries'}`;
    case ValueErrorType.ArrayMaxItems:
      return `must have at most ${schema.maxItems} entries`;
    case ValueErrorType.ArrayUniqueItems:
      return 'must not name anything twice';
    case ValueErrorType.ObjectMinProperties:
      return `must have at least ${schema.minProperties} ${schema.minProperties === 1 ? 'field' : 'fields'}`;
    case ValueErrorType.ObjectMaxProperties:
      return `must have at most ${schema.maxProperties} entries`;
    case ValueErrorType.NumberMinimum:
    case ValueErrorType.IntegerMinimum:
      return `must be at least ${schema.minimum}`;
    case ValueErrorType.NumberMaximum:
    case ValueErrorType.IntegerMaximum:
      return `must be at most ${schema.maximum}`;
    case ValueErrorType.NumberExclusiveMinimum:
    case ValueErrorType.IntegerExclusiveMinimum:
      return `must be more than ${schema.exclusiveMinimum}`;
    case ValueErrorType.NumberExclusiveMaximum:
    case ValueErrorType.IntegerExclusiveMaximum:
      return `must be less than ${schema.exclusiveMaximum}`;
    case ValueErrorType.Never:
      return 'must not be given';
    default:
      return mustBeType(schema, value);
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a finite number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

function mustBeType(schema: TSchema, value: unknown): string {
  const wanted = TYPES[schema.type] ?? 'something else';
  return `must be ${wanted}${value === null && schema.type !== 'null' ? ', not null' : ''}`;
}

/** `/events/3/tags/a~1b` to `events[3].tags.a/b`. */
function fieldName(path: string, whole: string): string {
  if (path === '') return whole;
  return path
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((name, part) => (/^\d+$/.test(part) ? `${name}[${part}]` : name === '' ? part : `${name}.${part}`), '');
}
