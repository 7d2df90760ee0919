import { LEVELS, type Level } from '../../schemas/log.ts';

/**
 * What a query asks for, as data: every store translates it, and `matcher` (in `matcher.ts`) is the same thing in memory.
 * Values are never part of a query's text.
 */
export type Filter =
  | { readonly op: 'all'; readonly filters: readonly Filter[] }
  | { readonly op: 'any'; readonly filters: readonly Filter[] }
  | { readonly op: 'not'; readonly filter: Filter }
  | { readonly op: 'one_of'; readonly field: Field; readonly values: readonly string[] }
  /** `timestamp` from `from` to `to`, both included, in milliseconds since the epoch. */
  | { readonly op: 'time'; readonly from?: number; readonly to?: number }
  /** The message has these words in a row, whole and whatever their case: see `words.ts`. */
  | { readonly op: 'phrase'; readonly text: string }
  /** The message has a match of this RE2 expression. */
  | { readonly op: 'regex'; readonly pattern: string };

/** Fields that hold one word. An event without the field never matches. */
export type Field =
  | 'service'
  | 'host'
  | 'trace_id'
  | 'span_id'
  | 'event_id'
  | 'level'
  | 'name'
  | 'type'
  | 'severity'
  | 'source_ip'
  | 'status'
  | `tags.${string}`;

/** Matches every event. */
export const EVERYTHING: Filter = { op: 'all', filters: [] };

export function equals(field: Field, value: string): Filter {
  return { op: 'one_of', field, values: [value] };
}

/** All of these; nested `all`s are laid flat so that equal questions look equal. */
export function all(...filters: readonly Filter[]): Filter {
  const flat = filters.flatMap((filter) => (filter.op === 'all' ? filter.filters : [filter]));
  return flat.length === 1 && flat[0] !== undefined ? flat[0] : { op: 'all', filters: flat };
}

/** The words of `scale` from `least` upwards: `min_level=warn` asks for warn, error and fatal. */
export function atLeast<T extends string>(scale: readonly T[], least: T): readonly T[] {
  return scale.slice(scale.indexOf(least));
}

/** The levels that count as errors, for trends and for the event-logging system's rules. */
export const ERROR_LEVELS: readonly Level[] = atLeast(LEVELS, 'error');
