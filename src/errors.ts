/** Every error a client can meet: its status, and whether trying again later can help. */
const ERRORS = {
  LW_INVALID_REQUEST: { status: 400 },
  LW_INVALID_EVENT: { status: 400 },
  LW_INVALID_JSON: { status: 400 },
  LW_INVALID_PARAMETER: { status: 400 },
  LW_UNAUTHENTICATED: { status: 401 },
  LW_FORBIDDEN: { status: 403 },
  LW_NOT_FOUND: { status: 404 },
  LW_METHOD_NOT_ALLOWED: { status: 405 },
  LW_REQUEST_TIMEOUT: { status: 408 },
  LW_CONFLICT: { status: 409 },
  LW_TOO_LARGE: { status: 413 },
  LW_UNSUPPORTED_MEDIA_TYPE: { status: 415 },
  LW_RATE_LIMITED: { status: 429 },
  LW_HEADERS_TOO_LARGE: { status: 431 },
  LW_CLIENT_CLOSED: { status: 499 },
  LW_INTERNAL: { status: 500 },
  LW_OVERLOADED: { status: 503 },
  LW_STORE_UNAVAILABLE: { status: 503 },
  LW_SHUTTING_DOWN: { status: 503 },
  LW_QUERY_TIMEOUT: { status: 504 },
  LW_DISK_FULL: { status: 507 },
} as const;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorOptions {
  /** What exactly is wrong, one entry each: `{ field, message }` where a field can be named. */
  readonly details?: readonly unknown[];
  /** Seconds after which the same request may succeed; sent as `Retry-After`. */
  readonly retryAfterS?: number;
  /** What really happened: for the log, never for the client. */
  readonly cause?: unknown;
}

/** An error with a code. Its message is a sentence for the client; its cause is the truth for the log. */
export class LightwatchError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: readonly unknown[] | undefined;
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'LightwatchError';
    this.code = code;
    this.status = ERRORS[code].status;
    this.details = options.details;
    this.retryAfterS = options.retryAfterS;
  }
}

/** A parameter or field that cannot be accepted, named. */
export function invalidParameter(field: string, message: string): LightwatchError {
  return new LightwatchError('LW_INVALID_PARAMETER', `${field}: ${message}`, { details: [{ field, message }] });
}

/** The codes and their statuses, for the documentation and its test. */
export const ERROR_STATUSES: Readonly<Record<ErrorCode, number>> = Object.fromEntries(
  Object.entries(ERRORS).map(([code, { status }]) => [code, status]),
) as Record<ErrorCode, number>;
