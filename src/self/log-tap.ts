import type { DestinationStream } from 'pino';

/** Pino's number for `warn`; what is milder is not passed on. */
const WARN = 40;
const LEVEL = /^\{"level":(\d{1,3}),/;

/**
 * A destination of the process's log that lets warnings and errors be listened to as well. What it passes on is the
 * line, already written: whoever listens can neither delay nor change it.
 */
export class LogTap implements DestinationStream {
  readonly #out: DestinationStream;
  #listener: ((line: string) => void) | undefined;

  constructor(out: DestinationStream) {
    this.#out = out;
  }

  write(line: string): void {
    this.#out.write(line);
    if (this.#listener !== undefined && Number(LEVEL.exec(line)?.[1]) >= WARN) this.#listener(line);
  }

  /** Calls `listener` with every warning or error from now on, as pino's line of JSON; undefined ends it. */
  listen(listener: ((line: string) => void) | undefined): void {
    this.#listener = listener;
  }
}
