import type { Kind } from '../../../schemas/event.ts';
import type { Filter } from '../../core/filter.ts';
import { fieldHash, INDEXED_FIELDS, type IndexedField, innerWords, phraseWords, textColumn } from './block-words.ts';
import { parseId } from './filter-sql.ts';
import { regexLiterals } from './regex-literals.ts';
import { columnOf } from './tables.ts';

/** What a block of rows must have for a row of it to match a filter. */
export type Need =
  | { readonly op: 'all' | 'any'; readonly needs: readonly Need[] }
  | { readonly op: 'word'; readonly word: number }
  | { readonly op: 'id'; readonly id: number }
  | { readonly op: 'time'; readonly from: number; readonly to: number };

/** What a filter needs, or undefined when any block may have it. Of a negation nothing is known. */
export function needOf(kind: Kind, filter: Filter): Need | undefined {
  switch (filter.op) {
    case 'all':
      return allOf(filter.filters.map((inner) => needOf(kind, inner)).filter((need) => need !== undefined));
    case 'any':
      return anyOf(filter.filters.map((inner) => needOf(kind, inner)));
    case 'one_of':
      return anyOf(filter.values.map((value) => valueNeed(kind, filter.field, value)));
    case 'time':
      return { op: 'time', from: filter.from ?? Number.NEGATIVE_INFINITY, to: filter.to ?? Number.POSITIVE_INFINITY };
    case 'phrase':
      if (textColumn(kind) === undefined) return undefined;
      return allOf(phraseWords(filter.text).map((word) => ({ op: 'word', word })));
    case 'regex':
      if (textColumn(kind) === undefined) return undefined;
      return allOf(
        regexLiterals(filter.pattern)
          .flatMap(innerWords)
          .map((word) => ({ op: 'word', word })),
      );
    default:
      return undefined;
  }
}

/** Whether a filter names something that few rows have: else looking at the blocks is not worth it. */
export function isSelective(need: Need): boolean {
  if (need.op === 'all') return need.needs.some(isSelective);
  if (need.op === 'any') return need.needs.every(isSelective);
  return need.op !== 'time';
}

function valueNeed(kind: Kind, field: string, value: string): Need | undefined {
  const indexed = INDEXED_FIELDS.find((name) => name === field);
  if (indexed === undefined || columnOf(kind, field) === undefined) return undefined;
  const word: Need = { op: 'word', word: fieldHash(indexed satisfies IndexedField, value) };
  // An event whose sender gave it no id goes by the store's.
  const id = field === 'event_id' ? parseId(value) : undefined;
  return id === undefined ? word : { op: 'any', needs: [word, { op: 'id', id }] };
}

function allOf(needs: readonly Need[]): Need | undefined {
  return needs.length < 2 ? needs[0] : { op: 'all', needs };
}

function anyOf(needs: readonly (Need | undefined)[]): Need | undefined {
  const known = needs.filter((need) => need !== undefined);
  return known.length < needs.length ? undefined : { op: 'any', needs: known };
}
