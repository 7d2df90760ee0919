import { MongoBulkWriteError, MongoServerError } from 'mongodb';
import { LightwatchError } from '../../errors.ts';

/** The server refused a document because one with its `_id` is there already. */
const DUPLICATE_KEY = 11000;
/** The server cancelled a question: it took longer than its `maxTimeMS`. */
const MAX_TIME_EXPIRED = 50;
/** What servers say when there is no room: OutOfDiskSpace, and a quota that is exceeded. */
const NO_ROOM: readonly number[] = [14031, 12501];

const RETRY_AFTER_S = 5;

/** A failed question, for the client. A coded error stays as it is; so does the reason of a question that was called off. */
export function readError(cause: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (cause instanceof LightwatchError) return cause;
  if (codeOf(cause) === MAX_TIME_EXPIRED) return queryTimeout(cause);
  return new LightwatchError('LW_STORE_UNAVAILABLE', 'the store cannot be read', { cause, retryAfterS: RETRY_AFTER_S });
}

export function queryTimeout(cause?: unknown): LightwatchError {
  return new LightwatchError('LW_QUERY_TIMEOUT', 'the query took too long: narrow its time range or its filter', {
    cause,
  });
}

/** A failed write, for the client. A coded error stays as it is. */
export function writeError(cause: unknown): LightwatchError {
  if (cause instanceof LightwatchError) return cause;
  const codes = [codeOf(cause), ...writeErrorsOf(cause).map(({ code }) => code)];
  if (codes.some((code) => typeof code === 'number' && NO_ROOM.includes(code))) {
    return new LightwatchError(
      'LW_DISK_FULL',
      'the database has no room: not all of it was stored, send it again later',
      {
        cause,
        retryAfterS: 10,
      },
    );
  }
  return new LightwatchError(
    'LW_STORE_UNAVAILABLE',
    'the store cannot be written: it is not certain that all of it was stored, send it again later',
    { cause, retryAfterS: RETRY_AFTER_S },
  );
}

/** What the server says of single documents of a bulk write. */
function writeErrorsOf(cause: unknown): readonly { readonly code: number; readonly index: number }[] {
  return cause instanceof MongoBulkWriteError ? [cause.writeErrors].flat() : [];
}

/**
 * Which operations of a bulk write the server refused because the document is there, when that is all that went wrong: the
 * others are stored and safe. Undefined when a majority has not confirmed, the connection broke, or one was refused for
 * another reason.
 */
export function refusedAsDuplicates(cause: unknown, operations: number): readonly number[] | undefined {
  if (!(cause instanceof MongoBulkWriteError) || cause.result.getWriteConcernError() !== undefined) return undefined;
  const errors = writeErrorsOf(cause);
  const done = cause.insertedCount + cause.matchedCount + cause.upsertedCount;
  const whole = done + errors.length === operations;
  if (!whole || errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE_KEY)) return undefined;
  return errors.map(({ index }) => index);
}

export function isDuplicateKey(cause: unknown): boolean {
  return codeOf(cause) === DUPLICATE_KEY;
}

function codeOf(cause: unknown): unknown {
  return cause instanceof MongoServerError ? cause.code : undefined;
}
