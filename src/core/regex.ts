import { RE2JS, RE2JSException } from 're2js';
import { LIMITS } from '../../schemas/limits.ts';
import { FilterError } from './filter-error.ts';

/**
 * Whether a text has a match of an RE2 expression, in time linear in the text whatever the expression. `.` does not
 * match a line's end and `^` and `$` are the ends of the text, unless the expression says `(?s)` or `(?m)`.
 * @throws FilterError naming `field`
 */
export function regexTest(pattern: string, field = 'regex'): (text: string) => boolean {
  if (pattern.length > LIMITS.regex) {
    throw new FilterError(field, `must have at most ${LIMITS.regex} characters`);
  }
  const expression = compile(pattern, field);
  return (text) => expression.test(text);
}

/**
 * Where a text matches an RE2 expression: from the first character of each match to the one after its last.
 * @throws FilterError naming `field`
 */
export function regexPlaces(pattern: string, field = 'regex'): (text: string) => readonly Place[] {
  const expression = compile(pattern, field);
  return (text) => {
    const places: Place[] = [];
    const found = expression.matcher(text);
    while (found.find()) if (found.end() > found.start()) places.push({ start: found.start(), end: found.end() });
    return places;
  };
}

/** A stretch of a text, in UTF-16 units as JavaScript counts them; `end` is the first after it. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

function compile(pattern: string, field: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new FilterError(field, `is not an RE2 expression: ${error.message.replace('error parsing regexp: ', '')}`);
  }
}
