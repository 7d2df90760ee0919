import type { Field, Filter } from '../../core/filter.ts';

/** What a filter that only compares fields means to an event with these values: `word` tells each, null if it has none. */
export function hasValues(filter: Filter | undefined, word: (field: Field) => string | null): boolean {
  switch (filter?.op) {
    case 'all':
      return filter.filters.every((inner) => hasValues(inner, word));
    case 'any':
      return filter.filters.some((inner) => hasValues(inner, word));
    case 'not':
      return !hasValues(filter.filter, word);
    case 'one_of': {
      const value = word(filter.field);
      return value !== null && filter.values.includes(value);
    }
    default:
      throw new Error(`BUG: a filter that compares no fields: ${filter?.op}`);
  }
}
