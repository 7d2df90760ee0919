import type { Facets } from '../../api/routes.ts';
import { short } from '../../lib/format.ts';
import { LEVELS } from '../../lib/tones.ts';

export interface Suggestion {
  /** What takes the place of the word that is being typed. */
  readonly replacement: string;
  readonly hint: string;
  /** Whether nothing more has to be typed: it is searched at once. */
  readonly complete: boolean;
}

const FIELD_HINTS: readonly (readonly [string, string])[] = [
  ['service:', 'one service'],
  ['level:', 'levels, with commas'],
  ['min_level:', 'this level or worse'],
  ['host:', 'one host'],
  ['trace_id:', 'one trace'],
  ['regex:', 'an RE2 expression'],
  ['tags.', 'a tag of the sender'],
];
const MOST_VALUES = 12;

/** What the word that is being typed could become: fields first, then the values that a field has. */
export function suggest(text: string, facets: Facets | undefined): readonly Suggestion[] {
  const word = /\S*$/.exec(text)?.[0] ?? '';
  const [, field, prefix = ''] = /^([a-z_]+(?:\.[^:]+)?):(.*)$/.exec(word) ?? [];
  if (field !== undefined)
    return valuesOf(field, facets)
      .filter(({ replacement }) => startsWith(replacement, `${field}:${prefix}`))
      .slice(0, MOST_VALUES);
  const tags = Object.keys(facets?.data ?? {}).filter((name) => name.startsWith('tags.'));
  const fields: Suggestion[] = [
    ...FIELD_HINTS.map(([name, hint]) => ({ replacement: name, hint, complete: false })),
    ...tags.map((name) => ({ replacement: `${name}:`, hint: 'a tag', complete: false })),
  ];
  if (word === '') return text === '' ? fields : [];
  const services = valuesOf('service', facets).filter(({ replacement }) =>
    startsWith(replacement.slice('service:'.length), word),
  );
  return [...fields.filter(({ replacement }) => startsWith(replacement, word)), ...services].slice(0, MOST_VALUES);
}

function valuesOf(field: string, facets: Facets | undefined): readonly Suggestion[] {
  const counted = facets?.data[field];
  if (counted !== undefined) {
    return counted.map(({ value, count }) => ({
      replacement: `${field}:${/\s/.test(value) ? `"${value}"` : value}`,
      hint: short(count),
      complete: true,
    }));
  }
  if (field !== 'level' && field !== 'min_level') return [];
  return LEVELS.map((level) => ({ replacement: `${field}:${level}`, hint: 'a level', complete: true }));
}

const startsWith = (text: string, start: string) => text.toLowerCase().startsWith(start.toLowerCase());
