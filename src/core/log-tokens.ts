/**
 * A message taken apart so that messages of one origin look alike: what varies from one to the next (times, addresses,
 * ids, numbers …) is replaced by a mask that says what it was. It knows no program's format.
 */
export interface Tokens {
  /** Words and masks. */
  readonly words: readonly string[];
  /** What stands before the first word, between two, and after the last: one more than there are words. */
  readonly gaps: readonly string[];
}

/** Words that are looked at; the rest of a longer message counts as one. */
const MAX_WORDS = 80;
/** Characters that are looked at. */
const MAX_CHARACTERS = 4096;
/** Masked words that are remembered: the same ones come again and again. */
const MAX_REMEMBERED = 10_000;

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*';
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*';
const CLOCK = String.raw`\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?`;
const ZONE = String.raw`(?:\s?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?`;

/** Times with a clock in them, which blanks and signs would take apart. */
const TIMES = new RegExp(
  [
    String.raw`\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]${CLOCK})?${ZONE}(?!\d)`,
    String.raw`\b\d{1,2}/${MONTH}/\d{4}:${CLOCK}${ZONE}`,
    String.raw`\b(?:${DAY},?\s)?\d{1,2}[ -]${MONTH}[ -]\d{4} ${CLOCK}${ZONE}`,
    String.raw`\b(?:${DAY},?\s)?${MONTH}\s+\d{1,2}(?:,?\s\d{4})? ${CLOCK}(?:\s\d{4})?${ZONE}`,
    String.raw`(?<![\w:.])\d\d:\d\d:\d\d(?:[.,]\d+)?${ZONE}(?![\w:])`,
  ].join('|'),
  'g',
);
const URLS = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)\]}]+/gi;

/** A path with a query, whose signs would take it apart. */
const QUERIES = /(?<![\w.])\/[^\s"'<>?]*\?[^\s"'<>]+/g;

/** What parts words. A colon does not: it stands in times, addresses and class names. */
const GAPS = /([\s,;={}()[\]"'`|]+)/;

/** What is masked inside a word, in this order. Each is tried only where the word has a digit, a slash or an @. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<id>'],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '<email>'],
  [/(?<![\w:])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:])/gi, '<mac>'],
  [/(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?(?::\d{1,5})?(?![\w.]\d)/g, '<ip>'],
  [/(?<![\w:.])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])/gi, '<ip>'],
  [/(?<![\w:.])(?:(?:[0-9a-f]{1,4}:){1,6}|:)(?::[0-9a-f]{1,4}){1,6}(?![\w:])/gi, '<ip>'],
  [/(?<![\w.:/~-])(?:[a-z]:\\|~?\/)[\w.@%+~:-]+(?:[\\/][\w.@%+~:-]*)*(?:\?[^\s]*)?/gi, '<path>'],
  [/\b0x[0-9a-f]+\b/gi, '<hex>'],
  [/(?<![\w.])(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h|d))+(?!\w)/g, '<duration>'],
  [/(?<![\w.])\d+(?:\.\d+)?(?:[kmgtp]i?)?b(?!\w)/gi, '<size>'],
  [/(?<![\w.])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}(?!\w)/gi, '<hex>'],
  [/(?<![\w.])(?=\w*\d\w*\d)(?=\w*[a-z])[a-z0-9_]{12,}(?!\w)/gi, '<id>'],
  [/(?<![\w.])[-+]?\d+(?:[.,:]\d+)*(?:e[-+]?\d+)?%?(?!\w|\.\d)/gi, '<num>'],
];

/** A line of a stack trace of Java or JavaScript: which call it is says little, and there are thousands. */
const FRAME = /^\s*at (?:async )?[\w.$<>/[\] ]+(?:\(.*\)|:\d+)\s*$/;

const remembered = new Map<string, string>();

/** Only the first line counts: what follows (a stack trace, a dump) is seldom the same twice. */
export function tokenize(message: string): Tokens {
  const end = message.search(/\r?\n/);
  const isCut = end >= 0 && message.slice(end).trim() !== '';
  const line = (end < 0 ? message : message.slice(0, end)).slice(0, MAX_CHARACTERS);
  if (FRAME.test(line)) return withRest(['at', '<frame>'], ['', ' ', ''], isCut);
  const hasDigit = /\d/.test(line);
  const withoutUrls = line.includes('://') ? line.replace(URLS, '<url>') : line;
  const withoutQueries = line.includes('?') ? withoutUrls.replace(QUERIES, '<path>') : withoutUrls;
  const text = hasDigit && line.includes(':') ? withoutQueries.replace(TIMES, '<time>') : withoutQueries;
  const parts = text.split(GAPS);
  const words: string[] = [];
  const gaps: string[] = [''];
  for (let at = 0; at < parts.length; at += 2) {
    const word = parts[at] ?? '';
    const gap = (parts[at + 1] ?? '').replace(/\s+/g, ' ');
    if (word === '') gaps[gaps.length - 1] += gap;
    else if (words.length === MAX_WORDS) return withRest(words, gaps, true);
    else {
      words.push(mask(word));
      gaps.push(gap);
    }
  }
  return withRest(words, gaps, isCut);
}

/** Whether a word stands for what varies. */
export function isMask(word: string): boolean {
  return word.includes('<') && /<[a-z*]+>/.test(word);
}

function withRest(words: string[], gaps: string[], isCut: boolean): Tokens {
  if (!isCut) return { words, gaps };
  const last = gaps.pop() ?? '';
  return { words: [...words, '<rest>'], gaps: [...gaps, last.trimEnd() === last ? `${last} ` : last, ''] };
}

function mask(word: string): string {
  if (!/[\d/@\\]|::/.test(word)) return word;
  const known = remembered.get(word);
  if (known !== undefined) return known;
  let masked = word;
  for (const [pattern, name] of MASKS) masked = masked.replace(pattern, name);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(word, masked);
  return masked;
}
