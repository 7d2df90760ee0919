import { LIMITS } from '../../schemas/limits.ts';
import { all, type Filter } from './filter.ts';
import { FilterError } from './filter-error.ts';

/** Terms of one search: each may be looked for in every message. */
const MAX_TERMS = 32;

// Perhaps a minus; then a phrase in quotes (in which \" is a quote) up to a blank or the end, or a run without blanks.
const TERM = /\s*(-?)(?:"((?:\\"|[^"])*)"(?=\s|$)|(\S+))/gy;

/**
 * What `q` asks of a message: `error "timed out" -retry` is the word `error` and the phrase `timed out`, and not the
 * word `retry`. Terms are looked for as `words.ts` says.
 * @throws FilterError naming `field`
 */
export function parseSearch(text: string, field = 'q'): Filter {
  if (text.length > LIMITS.searchText) {
    throw new FilterError(field, `must have at most ${LIMITS.searchText} characters`);
  }
  const terms = [...text.trim().matchAll(TERM)];
  if (terms.length === 0) throw new FilterError(field, 'must have a word');
  if (terms.length > MAX_TERMS) throw new FilterError(field, `must have at most ${MAX_TERMS} words and phrases`);
  return all(...terms.map(([, minus, quoted, word]) => term(minus === '-', quoted, word, field)));
}

function term(excluded: boolean, quoted: string | undefined, word: string | undefined, field: string): Filter {
  if (word?.startsWith('"')) throw new FilterError(field, 'has a quote that is not closed before a blank');
  const text = quoted?.replaceAll('\\"', '"') ?? word ?? '';
  if (text === '') throw new FilterError(field, 'has an empty phrase');
  const phrase: Filter = { op: 'phrase', text };
  return excluded ? { op: 'not', filter: phrase } : phrase;
}
