import { isUtf8 } from 'node:buffer';
import { parse as parseSafely } from 'secure-json-parse';
import { LightwatchError } from '../errors.ts';

/** Levels of nesting in a JSON body. Nothing of ours needs more than a dozen, and code that walks values recurses. */
const MAX_JSON_DEPTH = 32;

/**
 * A JSON body to its value. A byte order mark is skipped; a key said twice counts the last time.
 * @throws LightwatchError LW_INVALID_JSON for broken UTF-8 or JSON, `__proto__` and the like, or too deep a nesting
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new LightwatchError('LW_INVALID_JSON', 'the body is not valid UTF-8');
  return parseJson(bytes.toString('utf8'));
}

/** JSON text to its value, with the rules of `parseJsonBody`. For lines of NDJSON too. */
export function parseJson(text: string): unknown {
  const value = parseText(text);
  if (deeperThan(value, MAX_JSON_DEPTH)) {
    throw new LightwatchError('LW_INVALID_JSON', `the JSON nests deeper than ${MAX_JSON_DEPTH} levels`);
  }
  return value;
}

function parseText(text: string): unknown {
  try {
    return parseSafely(text, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch (cause) {
    throw new LightwatchError(
      'LW_INVALID_JSON',
      text === '' ? 'the body is empty' : `the JSON is invalid: ${reason(cause)}`,
      { cause },
    );
  }
}

/** What the parser says, without the piece of the body that V8 quotes. */
function reason(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : '';
  if (message.includes('forbidden prototype property'))
    return 'it has a forbidden key (__proto__ or constructor.prototype)';
  const position = /position (\d+)/.exec(message)?.[1];
  return position === undefined
    ? 'it ends too early or has a character where none belongs'
    : `see position ${position}`;
}

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const entry of value) if (deeperThan(entry, levels - 1)) return true;
    return false;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) if (deeperThan(object[key], levels - 1)) return true;
  return false;
}
