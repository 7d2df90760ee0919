import type { Query } from '../../api/client.ts';
import type { UrlParams } from '../../lib/url-state.ts';
import { readRange } from '../../shell/range.ts';

/** Fields that one value chooses by; `tags.<key>` too. */
const FIELDS = ['service', 'host', 'level', 'min_level', 'trace_id', 'q', 'regex'] as const;

export const isFilterField = (name: string): boolean =>
  (FIELDS as readonly string[]).includes(name) || (name.startsWith('tags.') && name.length > 'tags.'.length);

/** What of an address chooses logs, without the time. */
export function filterOf(params: UrlParams): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).filter(
      (entry): entry is [string, string] => isFilterField(entry[0]) && (entry[1] ?? '') !== '',
    ),
  );
}

/** The same with the time: what the API is asked. */
export function queryOf(params: UrlParams): Query {
  return { ...filterOf(params), ...readRange(params) };
}

/** A filter without the search itself, in the order it was made: the chips of the search bar. */
export function chipsOf(params: UrlParams): readonly (readonly [string, string])[] {
  return Object.entries(filterOf(params)).filter(([name]) => name !== 'q');
}

/** A comma list with a value in it or out of it. */
export function toggled(list: string | undefined, value: string): string | undefined {
  const values = (list ?? '').split(',').filter((entry) => entry !== '');
  const next = values.includes(value) ? values.filter((entry) => entry !== value) : [...values, value];
  return next.length === 0 ? undefined : next.join(',');
}

/**
 * `service:pay` as a field and its value; undefined when it is only a word. Quotes may stand around the value.
 */
export function readToken(text: string): readonly [string, string] | undefined {
  const [, name = '', value = ''] = /^([a-z_]+(?:\.[^:\s]+)?):(.+)$/.exec(text) ?? [];
  if (!isFilterField(name)) return undefined;
  return [name, value.replace(/^"(.*)"$/, '$1')];
}
