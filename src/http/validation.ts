import type { TSchema } from '@sinclair/typebox';
import type { FastifySchemaCompiler } from 'fastify';
import { explain, type Fault, sentence } from '../core/check.ts';
import { SchemaCheck } from '../core/schema-check.ts';
import { LightwatchError } from '../errors.ts';

/**
 * Checks requests with TypeBox. Nothing is converted and nothing removed: what passes is what was sent.
 * Values of a query string and of a path are strings, and their schemas say so.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = new SchemaCheck(schema);
  const inUrl = httpPart === 'querystring' || httpPart === 'params';
  const whole = httpPart ?? 'body';
  return (value: unknown) => {
    if (check.Check(value)) return { value };
    const faults = explain(check, value, whole);
    const details = inUrl ? faults.map((fault) => inUrlWords(fault, value)) : faults;
    return {
      error: new LightwatchError(inUrl ? 'LW_INVALID_PARAMETER' : 'LW_INVALID_REQUEST', sentence(details), { details }),
    };
  };
};

/** The same fault in the words of a query string: it has parameters, and one given twice arrives as a list. */
function inUrlWords({ field, message }: Fault, values: unknown): Fault {
  const name = field.replace(/\[\d+\]$/, '');
  const given = typeof values === 'object' && values !== null ? (values as Record<string, unknown>)[name] : undefined;
  if (message === 'is not a known field') return { field, message: 'is not a known parameter' };
  return Array.isArray(given) ? { field: name, message: 'was given more than once' } : { field, message };
}

/** Responses are written as they are: their schemas are documentation. */
export const compileSerializer = () => (value: unknown) => JSON.stringify(value);

function notMade(): never {
  throw new Error('BUG: a server without compilers of its own');
}

/** Fastify loads its own compilers, two hundred files, unless it is given others; which these are is said by `set…Compiler`. */
export const WITHOUT_AJV = { compilersFactory: { buildValidator: notMade, buildSerializer: notMade } };
