import type { FastifyBaseLogger } from 'fastify';
import { type DestinationStream, pino } from 'pino';
import type { Config } from './config.ts';

/** What is logged of an error: enough to find it, and none of the fields a library may have hung on it. */
interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly stack?: string | undefined;
  readonly cause?: LoggedError | undefined;
}

/** Causes of causes that are worth reading. */
const MAX_CAUSES = 4;

/**
 * The process's own log: JSON lines to stdout unless told otherwise. Requests are never logged whole, and text that
 * looks like a credential is masked wherever an error carries it.
 */
export function createLog(config: Pick<Config, 'logLevel'>, destination?: DestinationStream): FastifyBaseLogger {
  const serializers = { err: (error: unknown) => loggedError(error, MAX_CAUSES), req: noHeaders, res: noHeaders };
  const options = { level: config.logLevel, serializers };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Should a library log a whole request or response: nothing of it but the id. */
function noHeaders(value: unknown): { id?: unknown } {
  return typeof value === 'object' && value !== null && 'id' in value ? { id: value.id } : {};
}

function loggedError(error: unknown, causes: number): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: mask(String(error)) };
  const { name, message, stack, cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    type: name,
    message: mask(message),
    code,
    stack: stack === undefined ? undefined : mask(stack),
    cause: cause === undefined || causes === 0 ? undefined : loggedError(cause, causes - 1),
  };
}

// Credentials in a query string, in a URL before its host, and after the header's name.
const IN_QUERY = /([?&](?:token|api_?key|key|secret|password|access_token)=)[^&\s"']+/gi;
const IN_URL = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi;
const IN_HEADER = /((?:authorization|x-api-key)["']?\s*[:=]\s*["']?(?:bearer\s+|basic\s+)?)[^\s"',}]+/gi;

/** Text without the credentials in it. */
export function mask(text: string): string {
  return text.replace(IN_QUERY, '$1***').replace(IN_URL, '$1***@').replace(IN_HEADER, '$1***');
}
