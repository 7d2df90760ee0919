import { LightwatchError } from '../errors.ts';

/**
 * Live clients at one time. Each may leave MAX_BACKLOG_BYTES untaken; clients of equal filters share those bytes.
 */
export const MAX_CLIENTS = 2000;
const RETRY_AFTER_S = 30;

/** One client, whatever it speaks. */
export interface Connection {
  /** Ends it because the server stops. */
  closeForShutdown(): void;
}

/** Everyone who is connected. */
export class Connections {
  readonly #open = new Set<Connection>();
  #closing = false;

  get size(): number {
    return this.#open.size;
  }

  /** @throws LightwatchError LW_OVERLOADED when there are too many, LW_SHUTTING_DOWN when the server stops */
  checkRoom(): void {
    if (this.#closing) throw new LightwatchError('LW_SHUTTING_DOWN', 'the server is shutting down');
    if (this.#open.size < MAX_CLIENTS) return;
    throw new LightwatchError('LW_OVERLOADED', `there are ${MAX_CLIENTS} live clients already`, {
      retryAfterS: RETRY_AFTER_S,
    });
  }

  /** Answers how to remove it. */
  add(connection: Connection): () => void {
    this.#open.add(connection);
    if (this.#closing) connection.closeForShutdown();
    return () => this.#open.delete(connection);
  }

  closeAll(): void {
    this.#closing = true;
    for (const connection of this.#open) connection.closeForShutdown();
  }
}
