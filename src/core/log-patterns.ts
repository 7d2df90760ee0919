import { isMask, type Tokens, tokenize } from './log-tokens.ts';

/** What stands where messages of one pattern differ and no mask says how. */
const ANY = '<*>';
/** Of the words that are no masks, how many may differ between messages of one pattern: a third of them. */
const MAY_DIFFER = 0.34;
/** Patterns that are told apart; what comes after counts together. A bound for messages without any sense. */
const MAX_PATTERNS = 5_000;
/** Masked messages whose pattern is remembered: most are like one before. */
const MAX_REMEMBERED = 20_000;
/** Patterns alike in all but their first word, from how many on they are one: it is a name then, not a subject. */
const SAME_BUT_FIRST = 3;

/** What messages have in common, and what was counted of them. */
export interface Pattern<T> {
  readonly text: string;
  readonly count: number;
  /** The first event of it. */
  readonly example: T;
  readonly levels: Readonly<Record<string, number>>;
}

interface Group<T> {
  words: string[];
  readonly gaps: readonly string[];
  /** How many words may still become `ANY`. */
  slack: number;
  count: number;
  readonly example: T;
  readonly levels: Record<string, number>;
}

/**
 * Finds the patterns of messages as Drain does (He et al., 2017): a tree of fixed depth, by the number of words and by the
 * first word, leads to a few patterns, the nearest of which takes the message in or a new one begins. One pass, and the
 * memory of the patterns.
 */
export class LogPatterns<T extends { readonly level: string; readonly message: string }> {
  private readonly leaves = new Map<string, Group<T>[]>();
  private readonly known = new Map<string, Group<T>>();
  private groups: Group<T>[] = [];
  private rest: Group<T> | undefined;
  private events = 0;

  /** Messages so far. */
  get size(): number {
    return this.events;
  }

  add(event: T): void {
    this.events++;
    const tokens = tokenize(event.message);
    const key = tokens.words.join('\u0000');
    let group = this.known.get(key);
    if (group === undefined) {
      group = this.find(tokens, event);
      if (this.known.size >= MAX_REMEMBERED) this.known.clear();
      this.known.set(key, group);
    }
    group.count++;
    group.levels[event.level] = (group.levels[event.level] ?? 0) + 1;
  }

  /** The patterns found so far, the most frequent first. */
  list(): readonly Pattern<T>[] {
    const all = this.rest === undefined ? this.groups : [...this.groups, this.rest];
    return joinedByTail(all)
      .sort((a, b) => b.count - a.count)
      .map((group) => ({ text: textOf(group), count: group.count, example: group.example, levels: group.levels }));
  }

  private find({ words, gaps }: Tokens, example: T): Group<T> {
    const [first = ''] = words;
    const place = `${words.length} ${isMask(first) ? ANY : first}`;
    const leaf = this.leaves.get(place) ?? [];
    let nearest: Group<T> | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const group of leaf) {
      const differing = differences(group, words);
      if (differing < fewest && differing <= group.slack) {
        nearest = group;
        fewest = differing;
      }
    }
    if (nearest !== undefined) {
      if (fewest > 0) takeIn(nearest, words, fewest);
      return nearest;
    }
    const group = { words: [...words], gaps, slack: slackOf(words), count: 0, example, levels: {} };
    if (this.groups.length >= MAX_PATTERNS) {
      this.rest ??= { ...group, words: [ANY], gaps: ['', ''] };
      return this.rest;
    }
    this.groups.push(group);
    leaf.push(group);
    this.leaves.set(place, leaf);
    return group;
  }
}

function slackOf(words: readonly string[]): number {
  return Math.floor(words.filter((word) => !isMask(word)).length * MAY_DIFFER);
}

function differences({ words, slack }: Group<unknown>, others: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < words.length && count <= slack; at++) {
    if (words[at] !== others[at] && words[at] !== ANY) count++;
  }
  return count;
}

function takeIn(group: Group<unknown>, others: readonly string[], differing: number): void {
  group.words = group.words.map((word, at) => (word === others[at] ? word : ANY));
  group.slack -= differing;
}

/** The tree keeps messages apart that begin with a name; here they come together. */
function joinedByTail<T>(groups: readonly Group<T>[]): Group<T>[] {
  const byTail = new Map<string, Group<T>[]>();
  for (const group of groups) {
    const tail = group.words.slice(1).join('\u0000');
    const alike = byTail.get(tail);
    if (alike === undefined) byTail.set(tail, [group]);
    else alike.push(group);
  }
  return [...byTail.values()].flatMap((alike) => {
    const [first] = alike;
    // Two words left are too few to say that it is the same thing.
    const isOne = first !== undefined && alike.length >= SAME_BUT_FIRST && first.words.slice(1).some((w) => !isMask(w));
    return isOne ? [joined(first, alike)] : alike;
  });
}

function joined<T>(first: Group<T>, groups: readonly Group<T>[]): Group<T> {
  const levels: Record<string, number> = {};
  for (const group of groups)
    for (const [level, count] of Object.entries(group.levels)) levels[level] = (levels[level] ?? 0) + count;
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  return { ...first, words: [ANY, ...first.words.slice(1)], count, levels };
}

function textOf({ words, gaps }: Group<unknown>): string {
  return words.reduce((text, word, at) => text + word + (gaps[at + 1] ?? ''), gaps[0] ?? '').trim();
}
