import type { Level } from '../../schemas/log.ts';

const WORDS: Readonly<Record<string, Level>> = {
  silly: 'debug',
  finest: 'debug',
  trace: 'debug',
  verbose: 'debug',
  debug: 'debug',
  dbg: 'debug',
  d: 'debug',
  log: 'info',
  info: 'info',
  inf: 'info',
  information: 'info',
  informational: 'info',
  notice: 'info',
  i: 'info',
  warn: 'warn',
  wrn: 'warn',
  warning: 'warn',
  w: 'warn',
  err: 'error',
  error: 'error',
  severe: 'error',
  e: 'error',
  fatal: 'fatal',
  crit: 'fatal',
  critical: 'fatal',
  alert: 'fatal',
  emerg: 'fatal',
  emergency: 'fatal',
  panic: 'fatal',
  dpanic: 'fatal',
  f: 'fatal',
};

/** Severities of syslog and journald, 0 to 7. */
const SYSLOG: readonly Level[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'];

/** The level another logger means by `value`: its word, a number of pino and bunyan (10 to 60), or one of syslog (0 to 7). */
export function levelOf(value: unknown): Level | undefined {
  if (typeof value === 'string') {
    const word = value.trim().toLowerCase();
    if (Object.hasOwn(WORDS, word)) return WORDS[word];
    return /^\d{1,2}$/.test(word) ? levelOfNumber(Number(word)) : undefined;
  }
  return typeof value === 'number' ? levelOfNumber(value) : undefined;
}

function levelOfNumber(value: number): Level | undefined {
  if (value >= 0 && value < 8) return SYSLOG[value];
  if (value >= 60) return value <= 100 ? 'fatal' : undefined;
  if (value >= 50) return 'error';
  if (value >= 40) return 'warn';
  if (value >= 30) return 'info';
  return value >= 10 ? 'debug' : undefined;
}
