import colors from 'picocolors';
import { inertLine, inertText } from '../core/inert-text.ts';

/** Columns of the service: a longer name moves its own line only. */
const SERVICE_WIDTH = 14;

const LEVEL_COLOURS: Readonly<Record<string, (text: string) => string>> = {
  debug: colors.dim,
  info: colors.green,
  warn: colors.yellow,
  error: colors.red,
  fatal: colors.bgRed,
};

/** A log as a line for a terminal: local time, level, service, message; further lines of the message stand below it. */
export function tailLine(event: Readonly<Record<string, unknown>>): string {
  const level = text(event.level);
  const service = inertLine(text(event.service)).padEnd(SERVICE_WIDTH);
  const [first = '', ...more] = inertText(text(event.message).replace(/\r\n/g, '\n')).split('\n');
  const colour = LEVEL_COLOURS[level] ?? ((plain: string) => plain);
  const head = `${colors.dim(localTime(text(event.timestamp)))} ${colour(inertLine(level).padEnd(5))} ${colors.cyan(service)} `;
  // A message of several lines cannot pass for several events: what is not its first line is marked.
  return [`${head}${first}`, ...more.map((line) => `${colors.dim('             │')} ${line}`)].join('\n');
}

/** What was missed, between the lines. */
export function gapLine(dropped: unknown): string {
  const what = typeof dropped === 'number' ? `${dropped} events were` : 'some events were';
  return colors.yellow(`── ${what} left out here: more came than could be shown ──`);
}

function localTime(timestamp: string): string {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return '--:--:--.---';
  const pad = (value: number, length = 2) => String(value).padStart(length, '0');
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
