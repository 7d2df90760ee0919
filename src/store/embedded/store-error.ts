import { LightwatchError } from '../../errors.ts';

const DISK_FULL = /No space left|not enough space|quota exceeded/i;
/** Texts of errors that come from where a file is, not from what is in it. */
const SURROUNDINGS =
  /Conflicting lock|Permission denied|Operation not permitted|Read-only|Too many open files|No such file|Input\/output error|Cannot allocate|invalidated/i;

/** Whether there was no room to write, whoever says so: the file system, or DuckDB in its own words. */
export function isDiskFull(cause: unknown): boolean {
  const { code, message } = asError(cause);
  return code === 'ENOSPC' || code === 'EDQUOT' || DISK_FULL.test(message);
}

/** Whether what DuckDB says of a file that it was to open means that its content is damaged. */
export function isDamage(cause: unknown): boolean {
  const { message } = asError(cause);
  return (
    /^(IO|Serialization|INTERNAL|Invalid Input) Error/.test(message) &&
    !DISK_FULL.test(message) &&
    !SURROUNDINGS.test(message)
  );
}

/** Whether DuckDB will refuse everything until it is started anew: so it does after a commit that failed halfway. */
export function isFatal(cause: unknown): boolean {
  return /invalidated|FATAL/i.test(asError(cause).message);
}

/** A failed read, for the client. A coded error stays as it is. */
export function readError(cause: unknown): LightwatchError {
  if (cause instanceof LightwatchError) return cause;
  return new LightwatchError('LW_STORE_UNAVAILABLE', 'the store cannot be read', { cause, retryAfterS: 1 });
}

/** A failed write, for the client. A coded error stays as it is. */
export function writeError(cause: unknown): LightwatchError {
  if (cause instanceof LightwatchError) return cause;
  if (isDiskFull(cause))
    return new LightwatchError('LW_DISK_FULL', 'the disk is full: not all of it was stored, send it again later', {
      cause,
      retryAfterS: 10,
    });
  return new LightwatchError(
    'LW_STORE_UNAVAILABLE',
    'the store cannot be written: not all of it was stored, send it again later',
    {
      cause,
      retryAfterS: 5,
    },
  );
}

/** A store that cannot be opened, for the operator: what is wrong, and what to do. */
export function openError(dataDir: string, cause: unknown): LightwatchError {
  return new LightwatchError('LW_STORE_UNAVAILABLE', whyNotOpen(dataDir, asError(cause)), { cause });
}

function whyNotOpen(dataDir: string, error: NodeJS.ErrnoException): string {
  const { code, message } = error;
  if (/Conflicting lock/i.test(message)) {
    const holder = /PID (\d+)/.exec(message)?.[1];
    const who = holder === undefined ? 'another process' : `another process (pid ${holder})`;
    return `${who} is using the data directory ${dataDir}: stop it, or set DATA_DIR to another folder`;
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || /Permission denied|Read-only/i.test(message))
    return `the data directory ${dataDir} cannot be written: change its owner, or set DATA_DIR to another folder`;
  if (isDiskFull(error))
    return `the disk of the data directory ${dataDir} is full: make room, or set DATA_DIR to another folder`;
  return `the data directory ${dataDir} cannot be opened: ${message}`;
}

function asError(cause: unknown): NodeJS.ErrnoException {
  return cause instanceof Error ? cause : new Error(String(cause));
}
