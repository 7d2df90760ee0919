import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '../core/clock.ts';
import type { Connection } from './connections.ts';
import type { Sink } from './subscription.ts';

/** Proxies cut what is silent, some after 20 s. */
export const COMMENT_EVERY_MS = 15_000;
/** What a client is told to wait before it comes back. */
const RETRY_MS = 2000;

/** One open stream of server-sent events. Its end is for the client to come back, with the id of the last event it saw. */
export class EventStreamClient implements Sink, Connection {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  #comment: Timer | undefined;
  #expiry: Timer | undefined;

  /** Sends the head of the response with `headers`. */
  constructor(response: ServerResponse, headers: Readonly<Record<string, number | string | string[]>>, clock: Clock) {
    this.#response = response;
    this.#clock = clock;
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // nginx collects what it passes on unless it is told not to.
      'x-accel-buffering': 'no',
    });
    response.write(`retry: ${RETRY_MS}\n\n`);
    response.once('close', () => {
      this.#comment?.cancel();
      this.#expiry?.cancel();
    });
    this.#commentLater();
  }

  /** Ends it with a credential; `expiresAt` in milliseconds since the epoch. */
  endAt(expiresAt: number): void {
    const left = expiresAt - this.#clock.now();
    if (left <= 0) this.#response.end();
    else this.#expiry = this.#clock.after(Math.min(left, COMMENT_EVERY_MS), () => this.endAt(expiresAt));
  }

  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }

  get backlogBytes(): number {
    return this.#response.writableLength;
  }

  write(bytes: Buffer): void {
    if (!this.#response.writableEnded) this.#response.write(bytes);
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener);
  }

  offDrain(listener: () => void): void {
    this.#response.off('drain', listener);
  }

  closeSlow(): void {
    this.#response.destroy();
  }

  closeForShutdown(): void {
    this.#response.end();
  }

  #commentLater(): void {
    this.#comment = this.#clock.after(COMMENT_EVERY_MS, () => {
      // A backlog keeps the connection busy enough.
      if (this.backlogBytes === 0) this.write(Buffer.from(':\n\n'));
      this.#commentLater();
    });
  }
}
