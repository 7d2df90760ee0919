import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import type { Clock } from '../core/clock.ts';
import type { ErrorCode, LightwatchError } from '../errors.ts';

/** Refusals that come in thousands while they last: a line for each would cost more than what was refused. */
const COUNTED: ReadonlySet<ErrorCode> = new Set([
  'LW_OVERLOADED',
  'LW_SHUTTING_DOWN',
  'LW_DISK_FULL',
  'LW_RATE_LIMITED',
]);

/** How often the refusals of one code are told, at most. */
const TELL_EVERY_MS = 1000;

/** What the log is told of errors: failures of ours whole, refusals for debugging only, floods by their number. */
export class ErrorLog {
  readonly #log: FastifyBaseLogger;
  readonly #clock: Clock;
  /** Refusals that were not told yet, by code; a code is here for `TELL_EVERY_MS` after it was told. */
  readonly #untold = new Map<ErrorCode, number>();

  constructor(log: FastifyBaseLogger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  add(error: LightwatchError, request: FastifyRequest): void {
    if (COUNTED.has(error.code)) {
      this.#count(error);
      return;
    }
    const about = { err: error, request_id: request.id, method: request.method, route: request.routeOptions.url };
    if (error.status >= 500) this.#log.error(about, 'request failed');
    else this.#log.debug(about, 'request refused');
  }

  #count(error: LightwatchError): void {
    const untold = this.#untold.get(error.code);
    if (untold === undefined) this.#tell(error, 1);
    else this.#untold.set(error.code, untold + 1);
  }

  #tell(error: LightwatchError, requests: number): void {
    const { code, message } = error;
    this.#log.warn({ code, requests }, `refused: ${message}`);
    this.#untold.set(code, 0);
    this.#clock.after(TELL_EVERY_MS, () => {
      const untold = this.#untold.get(code) ?? 0;
      this.#untold.delete(code);
      if (untold > 0) this.#tell(error, untold);
    });
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    errorLog: ErrorLog;
  }
}
