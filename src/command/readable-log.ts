import colors from 'picocolors';
import type { DestinationStream } from 'pino';
import { inertLine, inertText } from '../core/inert-text.ts';

/** What every record of pino has and a person does not need. */
const USUAL = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'err', 'name', 'v']);

/** Turns pino's JSON lines into lines for a person at a terminal: `12:00:00.123 warn  message key=value`. */
export function readableLog(out: { write(text: string): unknown }): DestinationStream {
  return { write: (line) => void out.write(readableLine(line)) };
}

/** One record of pino, as a person reads it. What is no record is passed through. */
export function readableLine(line: string): string {
  const record = recordOf(line);
  if (record === undefined) return `${inertText(line.trimEnd())}\n`;
  const fields = Object.entries(record)
    .filter(([key]) => !USUAL.has(key))
    .map(([key, value]) => ` ${colors.dim(`${inertLine(key)}=`)}${inertLine(shown(value))}`);
  const time = typeof record.time === 'number' ? new Date(record.time).toISOString().slice(11, 23) : '';
  return `${colors.dim(time)} ${levelName(record.level)} ${inertLine(String(record.msg ?? ''))}${fields.join('')}${errorLines(record.err)}\n`;
}

function recordOf(line: string): Record<string, unknown> | undefined {
  try {
    const record: unknown = JSON.parse(line);
    return isObject(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function levelName(level: unknown): string {
  if (typeof level !== 'number') return '     ';
  if (level >= 60) return colors.bgRed('fatal');
  if (level >= 50) return colors.red('error');
  if (level >= 40) return colors.yellow('warn ');
  if (level >= 30) return colors.green('info ');
  return colors.dim(level >= 20 ? 'debug' : 'trace');
}

/** An error's stack below its line, or its message alone where there is none. */
function errorLines(error: unknown): string {
  if (!isObject(error)) return '';
  const text = typeof error.stack === 'string' ? error.stack : `${error.type ?? 'Error'}: ${error.message ?? ''}`;
  const own = inertText(text)
    .split('\n')
    .map((line) => `\n    ${colors.dim(line.trim())}`);
  const cause = isObject(error.cause) ? `\n    caused by:${errorLines(error.cause)}` : '';
  return own.join('') + cause;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
