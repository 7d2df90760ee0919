import { isUtf8 } from 'node:buffer';
import { LIMITS } from '../../schemas/limits.ts';
import { LightwatchError } from '../errors.ts';
import { parseJson } from '../http/json-body.ts';

/** What a body holds: one value, or many of which some may not have been JSON at all. */
export type Body = ({ readonly one: unknown } | { readonly many: readonly Item[] }) & {
  /** See `AdmitOptions.escapes`. */
  readonly escapes: boolean;
};

export type Item = { readonly value: unknown } | { readonly error: LightwatchError };

const BYTE_ORDER_MARK = '\ufeff';

/**
 * Reads JSON, where a list is many, or NDJSON, where each line is one of many and blank lines are none.
 * @throws LW_INVALID_JSON when the body as a whole cannot be read, LW_TOO_LARGE when it holds too many
 */
export function parseBody(bytes: Buffer, lines: boolean): Body {
  if (!isUtf8(bytes)) throw new LightwatchError('LW_INVALID_JSON', 'the body is not valid UTF-8');
  const escapes = bytes.includes('\\u');
  // A key that is dangerous as a property can only be written plainly or with escapes.
  const careful = escapes || bytes.includes('__proto__') || bytes.includes('"constructor"');
  const parse = careful ? parseJson : parsePlain;
  const text = withoutMark(bytes.toString('utf8'));
  if (lines) return { many: parseLines(text, parse), escapes };
  const value = parse(text);
  if (!Array.isArray(value)) return { one: value, escapes };
  return { many: atMost(value).map((entry) => ({ value: entry })), escapes };
}

/** @throws LW_TOO_LARGE for more events than one batch may have */
export function atMost<T>(events: readonly T[]): readonly T[] {
  if (events.length <= LIMITS.batchEvents) return events;
  throw new LightwatchError(
    'LW_TOO_LARGE',
    `a batch may have at most ${LIMITS.batchEvents} events, this one has ${events.length}`,
  );
}

/** Plain JSON; whatever is wrong is explained by the careful parser. */
function parsePlain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parseJson(text);
  }
}

function parseLines(text: string, parse: (line: string) => unknown): readonly Item[] {
  const lines = text.split('\n').filter((line) => line !== '' && line.trim() !== '');
  if (lines.length === 0) throw new LightwatchError('LW_INVALID_JSON', 'the body is empty');
  return atMost(lines).map((line) => {
    try {
      return { value: parse(line) };
    } catch (error) {
      if (error instanceof LightwatchError) return { error };
      throw error;
    }
  });
}

function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}
