import type { Level } from '../../schemas/log.ts';
import type { SelfLine } from './self-log.ts';

/** Characters of a stack that are kept: its top says where it came from. */
const MAX_STACK = 4000;
const MAX_MESSAGE = 2000;
const MAX_FIELD = 200;
const MAX_FIELDS = 20;
const NOT_FIELDS = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'err']);

/** A warning or error of pino's as a line of Lightwatch's own; undefined for what is no such record. */
export function selfLine(line: string): SelfLine | undefined {
  const record = recordOf(line);
  if (record === undefined || typeof record.level !== 'number') return undefined;
  const error = isObject(record.err) ? record.err : {};
  const [message, reason] = [text(record.msg), text(error.message)];
  const said = [message, reason].filter((part) => part !== '').join(': ');
  const fields = Object.entries(record).filter(([key]) => !NOT_FIELDS.has(key));
  const meta = {
    ...Object.fromEntries(fields.slice(0, MAX_FIELDS).map(([key, value]) => [key, shortened(value)])),
    ...(typeof error.stack === 'string' && { stack: error.stack.slice(0, MAX_STACK) }),
    ...(isObject(error.cause) && { cause: text(error.cause.message).slice(0, MAX_MESSAGE) }),
  };
  return {
    level: levelOf(record.level),
    message: said.slice(0, MAX_MESSAGE) || 'a warning',
    meta,
    sort: message || reason,
  };
}

function levelOf(level: number): Level {
  if (level >= 60) return 'fatal';
  return level >= 50 ? 'error' : 'warn';
}

function shortened(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, MAX_FIELD);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function recordOf(line: string): Record<string, unknown> | undefined {
  try {
    const record: unknown = JSON.parse(line);
    return isObject(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
