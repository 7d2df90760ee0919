import sjson from 'secure-json-parse';
import { LIMITS } from '../../schemas/limits.ts';
import type { Level } from '../../schemas/log.ts';
import { levelOf } from './level-word.ts';
import { leadingMoment, momentOf } from './moment.ts';

/** What a line of a log file says. */
interface ParsedLine {
  readonly message: string;
  readonly level: Level;
  /** Milliseconds since the epoch; undefined when the line names no moment. */
  readonly timestamp: number | undefined;
  readonly service?: string;
  readonly trace_id?: string;
  readonly span_id?: string;
  /** What else a JSON line holds. */
  readonly meta: Readonly<Record<string, unknown>>;
}

/** The names that loggers use, the most usual first. The first that holds something usable is taken. */
const ALIASES = {
  message: ['message', 'msg', '@message', 'MESSAGE', 'log', 'text', 'body'],
  level: ['level', 'severity', 'lvl', 'log.level', 'levelname', 'log_level', 'loglevel', '@level', 'PRIORITY'],
  timestamp: ['timestamp', 'time', 'ts', '@timestamp', 'datetime', 'date', 't', '@t'],
  service: ['service', 'service.name', 'service_name'],
  trace_id: ['trace_id', 'traceId', 'traceID', 'trace.id'],
  span_id: ['span_id', 'spanId', 'spanID', 'span.id'],
} as const;

/** Left of `metaBytes` for what the agent adds, such as the path of the file. */
const META_BYTES = LIMITS.metaBytes - 5 * 1024;
/** One less than a server takes: how a server counts the outermost object must not matter. */
const META_DEPTH = LIMITS.metaDepth - 1;

/** A line as an event: JSON objects by their fields, anything else as text whose level and time are read conservatively. */
export function parseLine(line: string, now: number): ParsedLine {
  return (
    parseJsonLine(line) ?? { message: line, level: guessLevel(line), timestamp: leadingMoment(line, now), meta: {} }
  );
}

function parseJsonLine(line: string): ParsedLine | undefined {
  if (!line.startsWith('{') || !line.trimEnd().endsWith('}')) return undefined;
  const fields = objectOf(line);
  if (fields === undefined) return undefined;
  const rest = new Map(Object.entries(fields));
  const take = <T>(names: readonly string[], read: (value: unknown) => T | undefined): T | undefined => {
    for (const name of names) {
      const value = read(rest.get(name));
      if (value === undefined) continue;
      rest.delete(name);
      return value;
    }
    return undefined;
  };
  const timestamp = take(ALIASES.timestamp, momentOf);
  const level = take(ALIASES.level, levelOf);
  const message = take(ALIASES.message, (value) => (typeof value === 'string' ? value.trimEnd() : undefined));
  const service = take(ALIASES.service, (value) => shortText(value, LIMITS.service));
  const trace_id = take(ALIASES.trace_id, (value) => shortText(value, LIMITS.id));
  const span_id = take(ALIASES.span_id, (value) => shortText(value, LIMITS.id));
  const fits = message !== undefined && metaFits(rest);
  return {
    // Without a message, or with more beside it than an event may carry, the line itself says everything.
    message: fits ? message : line,
    level: level ?? (message === undefined ? 'info' : guessLevel(message)),
    timestamp,
    ...(service !== undefined && { service }),
    ...(trace_id !== undefined && { trace_id }),
    ...(span_id !== undefined && { span_id }),
    meta: fits ? Object.fromEntries(rest) : {},
  };
}

function objectOf(line: string): Record<string, unknown> | undefined {
  try {
    return sjson.parse(line, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch {
    return undefined;
  }
}

function shortText(value: unknown, limit: number): string | undefined {
  return typeof value === 'string' && value.length > 0 && value.length <= limit ? value : undefined;
}

function metaFits(rest: ReadonlyMap<string, unknown>): boolean {
  for (const value of rest.values()) if (depth(value, META_DEPTH) > META_DEPTH - 1) return false;
  return Buffer.byteLength(JSON.stringify(Object.fromEntries(rest))) <= META_BYTES;
}

/** How deep a value nests, looking no further than just past `limit`. */
function depth(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (limit === 0) return 1;
  return 1 + Object.values(value).reduce((most: number, child) => Math.max(most, depth(child, limit - 1)), 0);
}

/** Levels stand early in a line, behind a time, a host, a thread; what comes later is prose. */
const LEVEL_WITHIN = 160;
const LEVEL_WORDS_WITHIN = 8;
const WORD = '(trace|debug|info|notice|warn|warning|err|error|severe|crit|critical|alert|emerg|fatal|panic)';
const LABELLED = new RegExp(`(?:^|[\\s,{])(?:level|lvl|severity|loglevel)=["']?${WORD}\\b`, 'i');
const BRACKETED = new RegExp(`[\\[(<](?:[\\w.-]{1,32}:)?${WORD}[\\])>]`, 'i');
const LEADING = new RegExp(`^\\W*${WORD}:`, 'i');
const SHOUTED = new RegExp(`^\\W?${WORD.toUpperCase()}[:,|\\])-]*$`);
/** Kubernetes' own programs: `E0116 12:00:00.000000`. */
const KLOG = /^([IWEF])\d{4} \d\d:\d\d:\d\d\./;
const PRIORITY = /^<(\d{1,3})>/;

/**
 * The level of a line of text: only what is set apart as a level counts (`[error]`, `level=warn`, `ERROR` as a word of
 * its own near the start). A line that merely speaks of errors is `info`.
 */
export function guessLevel(line: string): Level {
  const start = line.slice(0, LEVEL_WITHIN);
  const priority = PRIORITY.exec(start);
  if (priority !== null) return levelOf(Number(priority[1]) % 8) ?? 'info';
  const marked = KLOG.exec(start) ?? LABELLED.exec(start) ?? LEADING.exec(start) ?? BRACKETED.exec(start);
  return levelOf(marked?.[1]) ?? shoutedLevel(start) ?? 'info';
}

/** `ERROR` among words that are not shouted: `NO ERROR FOUND` is prose. */
function shoutedLevel(start: string): Level | undefined {
  const words = start.split(/\s+/, LEVEL_WORDS_WITHIN);
  const at = words.findIndex((word, index) => SHOUTED.test(word) && !/^[A-Z]{2,}$/.test(words[index - 1] ?? ''));
  return at === -1 ? undefined : levelOf(words[at]?.replace(/[^A-Z]/g, ''));
}
