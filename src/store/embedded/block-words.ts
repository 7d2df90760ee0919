import type { Kind } from '../../../schemas/event.ts';
import { foldCase, WORD_CHARACTER } from '../../core/words.ts';
import { RANGE, type WordSetWriter } from './word-set.ts';

/**
 * What a block of rows is indexed by, as numbers below RANGE: the words of the text, and the whole values of fields that
 * name few events each. A word is a longest run of letters, digits and underscores, as `core/words.ts` has them.
 */
export const INDEXED_FIELDS = ['trace_id', 'event_id', 'source_ip'] as const;
export type IndexedField = (typeof INDEXED_FIELDS)[number];

/** The column whose words are indexed, of the kinds that have one that can be searched. */
export function textColumn(kind: Kind): string | undefined {
  return kind === 'log' ? 'message' : undefined;
}

const WORDS = new RegExp(`${WORD_CHARACTER}+`, 'gu');
const ASCII_WORDS = /[a-z0-9_]+/g;

/** Words between two ASCII characters that belong to none. */
const INNER_WORDS = /(?<=[\0-/:-@[-^`{-\x7f])[a-zA-Z0-9_]+(?=[\0-/:-@[-^`{-\x7f])/g;

const SEPARATOR = 0;
const ASCII = 1;
const OTHER = 2;
/** What each byte of UTF-8, in lower case, is to a word: bytes from 128 on are looked at by their characters. */
const CLASS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 128) return OTHER;
  return /[a-zA-Z0-9_]/.test(String.fromCharCode(byte)) ? ASCII : SEPARATOR;
});

// FNV-1a over the bytes, then a mix, so that the lowest bits know them all. Each sort of key has its own beginning.
const START = 0x811c9dc5;
const PRIME = 0x01000193;
const fieldStart = (field: IndexedField) => START ^ ((INDEXED_FIELDS.indexOf(field) + 1) * 0x9e3779b1);

function mixed(hash: number): number {
  let mix = hash ^ (hash >>> 16);
  mix = Math.imul(mix, 0x85ebca6b);
  mix ^= mix >>> 13;
  mix = Math.imul(mix, 0xc2b2ae35);
  return (mix ^ (mix >>> 16)) & (RANGE - 1);
}

function hashBytes(start: number, bytes: Uint8Array): number {
  let hash = start;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
  return mixed(hash);
}

/** Adds every word of a text in lower case, in UTF-8. A hundred of these loops run for every event: it has no calls in it. */
export function addWords(to: WordSetWriter, text: Uint8Array): void {
  const end = text.length;
  let hash = START;
  let begin = 0;
  let classes = 0;
  for (let at = 0; at <= end; at++) {
    const byte = at < end ? (text[at] as number) : SEPARATOR;
    const sort = CLASS[byte] as number;
    if (sort !== SEPARATOR) {
      hash = Math.imul(hash ^ byte, PRIME);
      classes |= sort;
    } else if (classes !== 0) {
      if (classes === ASCII) to.add(mixed(hash));
      else for (const word of wordsAmong(text.subarray(begin, at))) to.add(word);
      hash = START;
      classes = 0;
    }
    if (sort === SEPARATOR) begin = at + 1;
  }
}

/**
 * The words of a run that is not all ASCII: by JavaScript's letters, and the ASCII parts by themselves: DuckDB may know
 * fewer letters, and then sees a word end where JavaScript does not.
 */
function wordsAmong(run: Uint8Array): readonly number[] {
  const text = Buffer.from(run.buffer, run.byteOffset, run.byteLength).toString('utf8');
  return [...text.matchAll(WORDS), ...text.matchAll(ASCII_WORDS)].map(([word]) => wordHash(word));
}

function wordHash(word: string): number {
  return hashBytes(START, Buffer.from(word));
}

/** The words that a message must have to have a phrase: a phrase cuts no word at its ends, so all of its words are whole. */
export function phraseWords(phrase: string): readonly number[] {
  return [...foldCase(phrase).matchAll(WORDS)].map(([word]) => wordHash(word));
}

/** The words that a message must have to have a text within it: those that are whole in it, of ASCII alone. */
export function innerWords(text: string): readonly number[] {
  return [...text.matchAll(INNER_WORDS)].map(([word]) => wordHash(foldCase(word)));
}

/** A field's whole value. NUL, which separates values where they are read, is left out of it. */
export function fieldHash(field: IndexedField, value: string): number {
  return hashBytes(fieldStart(field), Buffer.from(value.replaceAll('\0', '')));
}

/** Adds every value of a field, as they come from DuckDB: with a NUL after each. */
export function addValues(to: WordSetWriter, field: IndexedField, values: Uint8Array): void {
  const start = fieldStart(field);
  let hash = start;
  for (const byte of values) {
    if (byte !== SEPARATOR) {
      hash = Math.imul(hash ^ byte, PRIME);
      continue;
    }
    to.add(mixed(hash));
    hash = start;
  }
}
