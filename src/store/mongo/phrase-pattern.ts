import { foldCase, parsePhrase, WORD_CHARACTER } from '../../core/words.ts';

/** Every code point that has a lower case of its own lies below this. */
const CASED_BELOW = 0x1_f000;

/** For each folded character that others fold to: all of them, itself included. */
let variants: ReadonlyMap<string, readonly string[]> | undefined;

/**
 * A phrase as an expression that finds it where `core/words.ts` does. It ignores no case, because what a server means by
 * that is not what `foldCase` does: each character stands as the choice of all that fold to it. It has no repetition, so
 * that no message can make it slow.
 */
export function phrasePattern(text: string): string {
  const { folded, startsWithWord, endsWithWord } = parsePhrase(text);
  variants ??= foldVariants();
  const before = startsWithWord ? `(?<!${WORD_CHARACTER})` : '';
  const after = endsWithWord ? `(?!${WORD_CHARACTER})` : '';
  return before + Array.from(folded, anyCase).join('') + after;
}

function anyCase(character: string): string {
  const all = variants?.get(character) ?? [character];
  return all.length === 1 ? literal(character) : `[${all.map(literal).join('')}]`;
}

/** By its number, whatever it means in an expression; letters and digits as they are. */
function literal(character: string): string {
  return /^[a-zA-Z0-9]$/.test(character) ? character : `\\x{${character.codePointAt(0)?.toString(16)}}`;
}

function foldVariants(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (let code = 0; code < CASED_BELOW; code++) {
    const character = String.fromCodePoint(code);
    const folded = foldCase(character);
    if (folded === character) continue;
    const others = found.get(folded) ?? [folded];
    found.set(folded, [...others, character]);
  }
  return found;
}
