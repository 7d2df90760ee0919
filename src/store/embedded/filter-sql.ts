import type { Kind } from '../../../schemas/event.ts';
import type { Field, Filter } from '../../core/filter.ts';
import { parsePhrase, WORD_CHARACTER } from '../../core/words.ts';
import type { SqlValue } from './engine.ts';
import { regexLiterals } from './regex-literals.ts';
import { columnOf } from './tables.ts';

/** A piece of SQL and the values of its question marks, in order. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

const NOTHING: Sql = { text: 'false', values: [] };

/** The message in small letters: what phrases are looked for in. */
export const FOLDED = 'lower(message)';

/**
 * A filter as a condition. It may be NULL where a field is missing, which WHERE takes as false; `not` says `IS NOT TRUE`
 * so that an event without the field is not lost twice. `folded` is the message in small letters, where it has a name.
 */
export function filterSql(kind: Kind, filter: Filter, folded = FOLDED): Sql {
  switch (filter.op) {
    case 'all':
      return joined(
        filter.filters.map((inner) => filterSql(kind, inner, folded)),
        'AND',
        'true',
      );
    case 'any':
      return joined(
        filter.filters.map((inner) => filterSql(kind, inner, folded)),
        'OR',
        'false',
      );
    case 'not': {
      const inner = filterSql(kind, filter.filter, folded);
      return { text: `(${inner.text}) IS NOT TRUE`, values: inner.values };
    }
    case 'one_of':
      return oneOf(kind, filter.field, filter.values);
    case 'time':
      return timeRange(filter.from, filter.to);
    case 'phrase':
      return kind === 'log' ? phrase(filter.text, folded) : NOTHING;
    case 'regex':
      return kind === 'log' ? regex(filter.pattern) : NOTHING;
  }
}

/**
 * A condition that lets through all that `filter` does and perhaps more: for a few rows which are then looked at one by
 * one. It has no regular expressions, whose letters of all languages alone take DuckDB milliseconds to prepare.
 */
export function coarseSql(kind: Kind, filter: Filter): Sql {
  switch (filter.op) {
    case 'all':
      return joined(
        filter.filters.map((inner) => coarseSql(kind, inner)),
        'AND',
        'true',
      );
    case 'any':
      return joined(
        filter.filters.map((inner) => coarseSql(kind, inner)),
        'OR',
        'false',
      );
    case 'not':
    case 'regex':
      return { text: 'true', values: [] };
    case 'phrase':
      return kind === 'log' ? containsSql(parsePhrase(filter.text).folded) : NOTHING;
    default:
      return filterSql(kind, filter);
  }
}

/** A field as an expression: its word, its code where the kind keeps one, or NULL. */
export function fieldSql(kind: Kind, field: Field): Sql {
  if (field.startsWith('tags.')) return { text: 'tags[?]', values: [field.slice('tags.'.length)] };
  if (field === 'event_id') return { text: 'coalesce(event_id, id::VARCHAR)', values: [] };
  return { text: columnOf(kind, field) === undefined ? 'NULL' : `"${field}"`, values: [] };
}

function joined(parts: readonly Sql[], operator: 'AND' | 'OR', none: string): Sql {
  if (parts.length === 0) return { text: none, values: [] };
  return {
    text: parts.map(({ text }) => `(${text})`).join(` ${operator} `),
    values: parts.flatMap(({ values }) => values),
  };
}

function oneOf(kind: Kind, field: Field, words: readonly string[]): Sql {
  if (words.length === 0) return NOTHING;
  if (field === 'event_id') return eventId(words);
  const codes = columnOf(kind, field)?.codes;
  // A byte compared with numbers lets DuckDB skip whole row groups.
  const values: SqlValue[] =
    codes === undefined ? [...words] : words.map((word) => codes.indexOf(word)).filter((code) => code >= 0);
  if (values.length === 0) return NOTHING;
  const target = fieldSql(kind, field);
  const marks = values.map(() => '?').join(', ');
  return {
    text: values.length === 1 ? `${target.text} = ?` : `${target.text} IN (${marks})`,
    values: [...target.values, ...values],
  };
}

/** An event whose sender gave it no id of its own goes by the store's, which is a number. */
function eventId(words: readonly string[]): Sql {
  const ids = words.map(parseId).filter((id) => id !== undefined);
  const given: Sql = { text: `event_id IN (${words.map(() => '?').join(', ')})`, values: words };
  if (ids.length === 0) return given;
  return { text: `${given.text} OR (event_id IS NULL AND id IN (${ids.join(', ')}))`, values: words };
}

/** An id of this store as the number it is; undefined for any other text. */
export function parseId(text: string): number | undefined {
  return /^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

function timeRange(from: number | undefined, to: number | undefined): Sql {
  const parts: string[] = [];
  const values: number[] = [];
  if (from !== undefined) {
    parts.push('timestamp >= ?');
    values.push(Math.ceil(from));
  }
  if (to !== undefined) {
    parts.push('timestamp <= ?');
    values.push(Math.floor(to));
  }
  return { text: parts.join(' AND ') || 'true', values };
}

/**
 * The plain search first: it alone is enough for a word that is not there. CASE keeps that order; DuckDB would try the
 * two parts of an AND in either.
 */
function phrase(text: string, message: string): Sql {
  const { folded, startsWithWord, endsWithWord } = parsePhrase(text);
  const contains = containsSql(folded, message);
  if (!startsWithWord && !endsWithWord) return contains;
  const not = WORD_CHARACTER.replace('[', '[^');
  const before = startsWithWord ? `(?:^|${not})` : '';
  const after = endsWithWord ? `(?:$|${not})` : '';
  const pattern = `(?s)${before}${folded.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')}${after}`;
  return {
    text: `CASE WHEN ${contains.text} THEN regexp_matches(${message}, ?) ELSE false END`,
    values: [folded, pattern],
  };
}

/** A text that every match has is looked for first: the expression alone takes several times as long. */
function regex(pattern: string): Sql {
  const [longest] = regexLiterals(pattern);
  if (longest === undefined) return { text: 'regexp_matches(message, ?)', values: [pattern] };
  return {
    text: 'CASE WHEN contains(message, ?) THEN regexp_matches(message, ?) ELSE false END',
    values: [longest, pattern],
  };
}

function containsSql(folded: string, message = FOLDED): Sql {
  return { text: `contains(${message}, ?)`, values: [folded] };
}
