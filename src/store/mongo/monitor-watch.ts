import { setTimeout as pause } from 'node:timers/promises';
import type { MongoClient } from 'mongodb';

const LOOK_EVERY_MS = 1000;
/** Beyond the longest that the driver itself waits for an answer. */
const GRACE_MS = 1000;

/**
 * Frees a client whose driver waits for ever. It asks each server how it is; a question that is written to a socket just
 * after that was destroyed is neither answered nor given up (mongodb 7.9: the write waits for a `drain` that never comes),
 * and then a database that is back is never noticed. A client that has asked for longer than any answer may take is
 * connected anew.
 */
export class MonitorWatch {
  readonly #client: MongoClient;
  readonly #patienceMs: number;
  /** Since when each server has been asked, by its address; on the monotonic clock. */
  readonly #asking = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #renewing: Promise<void> | undefined;
  #closed = false;

  /** @param longestAnswerMs what the driver itself waits for an answer at most */
  constructor(client: MongoClient, longestAnswerMs: number) {
    this.#client = client;
    this.#patienceMs = longestAnswerMs + GRACE_MS;
    const answered = ({ connectionId }: { readonly connectionId: string }) => this.#asking.delete(connectionId);
    client.on('serverHeartbeatStarted', ({ connectionId }) => this.#asking.set(connectionId, performance.now()));
    client.on('serverHeartbeatSucceeded', answered);
    client.on('serverHeartbeatFailed', answered);
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  /** Ends the watch and closes the client. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#renewing;
    await this.#client.close();
  }

  #look(): void {
    const now = performance.now();
    const isStuck = [...this.#asking.values()].some((since) => now - since > this.#patienceMs);
    if (!isStuck || this.#renewing !== undefined) return;
    this.#renewing = this.#renew().finally(() => {
      this.#renewing = undefined;
    });
  }

  /** Tries until somebody answers: a client that was closed asks nobody by itself. */
  async #renew(): Promise<void> {
    this.#asking.clear();
    await this.#client.close().catch(() => undefined);
    while (!this.#closed) {
      const connected = await this.#client.connect().then(
        () => true,
        () => false,
      );
      if (connected) return;
      await pause(LOOK_EVERY_MS);
    }
  }
}
