/**
 * What it means that a message has a phrase. Every store keeps to this; the contract suite compares them.
 *
 * Both sides are folded to lower case. The phrase then stands somewhere in the message, character by character, and no
 * word is cut: where the phrase begins or ends with a letter, digit or underscore, its neighbour in the message is none.
 * So `time` is in `time=3` and in `(Time)` but not in `timeout`, and `=3` is in `time=3` but not in `time=35`.
 */

/** One character of a word, as a class of JavaScript (`u`) and of RE2 alike. */
export const WORD_CHARACTER = '[\\p{L}\\p{N}_]';

const IS_WORD = new RegExp(`^${WORD_CHARACTER}`, 'u');

// The only characters whose lower case in JavaScript depends on their neighbours or is longer than themselves.
const UNEVEN = /[\u0130\u03a3]/;

/**
 * Lower case, each code point for itself (Unicode's simple mapping), which is what SQL's `lower()` does: a capital sigma
 * at the end of a word becomes σ, not ς, and a dotted capital I becomes i.
 */
export function foldCase(text: string): string {
  if (!UNEVEN.test(text)) return text.toLowerCase();
  return text.replaceAll('\u0130', 'i').split('\u03a3').map(lower).join('\u03c3');
}

const lower = (text: string) => text.toLowerCase();

/** Where a phrase must not cut a word: a store asks this to build its own test. */
interface Phrase {
  readonly folded: string;
  readonly startsWithWord: boolean;
  readonly endsWithWord: boolean;
}

export function parsePhrase(text: string): Phrase {
  const folded = foldCase(text);
  // Not by an expression that ends in `$`: with Node 26 it overlooks a last character beyond U+FFFF.
  return { folded, startsWithWord: isWordAt(folded, 0), endsWithWord: isWordBefore(folded, folded.length) };
}

/** Whether a message has the phrase. The empty phrase is in every message. */
export function phraseTest(text: string): (message: string) => boolean {
  const next = phraseFinder(text);
  return (message) => next(foldCase(message), 0) !== -1;
}

/** Where a message has the phrase: where each begins, and how long all are, in UTF-16 units. */
export function phrasePlaces(
  text: string,
): (message: string) => { readonly starts: readonly number[]; readonly length: number } {
  const next = phraseFinder(text);
  const { length } = foldCase(text);
  return (message) => {
    // Folding changes no length: a place in one is a place in the other.
    const folded = foldCase(message);
    const starts: number[] = [];
    if (length === 0) return { starts, length };
    for (let at = next(folded, 0); at !== -1; at = next(folded, at + length)) starts.push(at);
    return { starts, length };
  };
}

/** Finds the next place at or after another in a folded message; -1 when there is none. */
function phraseFinder(text: string): (folded: string, from: number) => number {
  const { folded: phrase, startsWithWord, endsWithWord } = parsePhrase(text);
  return (haystack, from) => {
    for (let at = haystack.indexOf(phrase, from); at !== -1; at = haystack.indexOf(phrase, at + 1)) {
      if (startsWithWord && isWordBefore(haystack, at)) continue;
      if (endsWithWord && isWordAt(haystack, at + phrase.length)) continue;
      return at;
    }
    return -1;
  };
}

function isWordBefore(text: string, end: number): boolean {
  if (end === 0) return false;
  const low = text.charCodeAt(end - 1);
  return isWordAt(text, low >= 0xdc00 && low <= 0xdfff && end > 1 ? end - 2 : end - 1);
}

function isWordAt(text: string, at: number): boolean {
  const code = text.codePointAt(at);
  if (code === undefined) return false;
  if (code < 128) return isAsciiWord(code);
  return IS_WORD.test(String.fromCodePoint(code));
}

function isAsciiWord(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 95 || (code >= 65 && code <= 90);
}
