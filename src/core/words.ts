/**
 * What it means that a message has a phrase. Every store keeps to this; the contract suite compares them.
 *
 * Both sides are folded to lower case. The phrase then stands somewhere in the message, character by character, and no
 * word is cut: where the phrase begins or ends with a letter, digit or underscore, its neighbour in the message is none.
 * So `time` is in `time=3` and in `(Time)` but not in `timeout`, and `=3` is in `time=3` but not in `time=35`.
 */

/** One character of a word, as a class of JavaScript (`u`) and of RE2 alike. */
export const WORD_CHARACTER = '[\\p{L}\\p{N}_]';

const STARTS_WITH_WORD = new RegExp(`^${WORD_CHARACTER}`, 'u');
const ENDS_WITH_WORD = new RegExp(`${WORD_CHARACTER}$`, 'u');
const IS_WORD = STARTS_WITH_WORD;

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
  return { folded, startsWithWord: STARTS_WITH_WORD.test(folded), endsWithWord: ENDS_WITH_WORD.test(folded) };
}

/** Whether a message has the phrase. The empty phrase is in every message. */
export function phraseTest(text: string): (message: string) => boolean {
  const { folded, startsWithWord, endsWithWord } = parsePhrase(text);
  return (message) => {
    const haystack = foldCase(message);
    for (let at = haystack.indexOf(folded); at !== -1; at = haystack.indexOf(folded, at + 1)) {
      if (startsWithWord && isWordBefore(haystack, at)) continue;
      if (endsWithWord && isWordAt(haystack, at + folded.length)) continue;
      return true;
    }
    return false;
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
