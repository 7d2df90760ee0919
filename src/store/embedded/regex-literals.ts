/** Shorter literals are in too many texts for looking for them first to pay. */
const LEAST_CHARACTERS = 3;

/** What may follow an atom and say how often it is there. */
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/;
/** Classes and borders by a letter: they stand for no text of their own. */
const LETTER_CLASS = /^\\[dDwWsSbBAzntrfv]/;
const ESCAPED_SIGN = /^\\([^\p{L}\p{N}])/u;
/** A set of characters; a bracket that comes first in it is one of them. */
const SET = /^\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]/su;

/**
 * Texts that every text with a match of an RE2 expression has, longest first. It reads plain stretches between what it
 * knows to mean something else; groups may be optional and are left out, and of an expression with flags, alternatives or
 * escapes that it does not know nothing is said.
 */
export function regexLiterals(pattern: string): readonly string[] {
  const literals: string[] = [];
  let run = '';
  let depth = 0;
  const end = () => {
    if (run.length >= LEAST_CHARACTERS) literals.push(run);
    run = '';
  };
  for (let rest = pattern; rest !== ''; ) {
    const atom = readAtom(rest);
    if (atom === undefined) return [];
    const { length, text } = atom;
    rest = rest.slice(length);
    depth += atom.opens;
    const quantifier = QUANTIFIER.exec(rest)?.[0];
    rest = rest.slice(quantifier?.length ?? 0);
    if (text === undefined || depth > 0) end();
    else if (quantifier === undefined) run += text;
    else {
      // Once at least with a plus; with any other perhaps never.
      if (quantifier.startsWith('+')) run += text;
      end();
    }
  }
  end();
  return literals.sort((a, b) => b.length - a.length);
}

interface Atom {
  readonly length: number;
  /** The one character that it stands for. */
  readonly text?: string;
  /** How much deeper what follows lies. */
  readonly opens: number;
}

/** The next atom of an expression; undefined when it is one that changes the meaning of others, or is not known. */
function readAtom(rest: string): Atom | undefined {
  const first = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  switch (first) {
    case '|':
    case '*':
    case '+':
    case '?':
      return undefined;
    case '(':
      return rest[1] === '?' ? undefined : { length: 1, opens: 1 };
    case ')':
      return { length: 1, opens: -1 };
    case '.':
    case '^':
    case '$':
      return { length: 1, opens: 0 };
    case '[': {
      const set = SET.exec(rest)?.[0];
      return set === undefined ? undefined : { length: set.length, opens: 0 };
    }
    case '\\': {
      const sign = ESCAPED_SIGN.exec(rest)?.[1];
      if (sign !== undefined) return { length: 1 + sign.length, text: sign, opens: 0 };
      return LETTER_CLASS.test(rest) ? { length: 2, opens: 0 } : undefined;
    }
    default:
      return { length: first.length, text: first, opens: 0 };
  }
}
