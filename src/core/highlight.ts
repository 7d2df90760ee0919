import type { Filter } from './filter.ts';
import { type Place, regexPlaces } from './regex.ts';
import { phrasePlaces } from './words.ts';

/** Places of one message that are told: it could match at every character. */
const MAX_PLACES = 200;

/**
 * Where a message has what a filter looks for in it: its phrases and the matches of its expressions, but nothing that it
 * excludes. In order, none overlapping.
 */
export function highlighter(filter: Filter): (message: string) => readonly Place[] {
  const finders = findersOf(filter);
  return (message) => joined(finders.flatMap((find) => find(message))).slice(0, MAX_PLACES);
}

function findersOf(filter: Filter): readonly ((message: string) => readonly Place[])[] {
  switch (filter.op) {
    case 'all':
    case 'any':
      return filter.filters.flatMap(findersOf);
    case 'phrase': {
      const find = phrasePlaces(filter.text);
      return [
        (message) => {
          const { starts, length } = find(message);
          return starts.map((start) => ({ start, end: start + length }));
        },
      ];
    }
    case 'regex':
      return [regexPlaces(filter.pattern)];
    default:
      return [];
  }
}

function joined(places: readonly Place[]): readonly Place[] {
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of places.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else result.push({ start, end });
  }
  return result;
}
