import type { Clock, Timer } from '../core/clock.ts';
import type { AgentLog } from './agent-log.ts';
import { Backoff } from './backoff.ts';
import type { DiskBuffer } from './disk-buffer.ts';
import type { IngestClient, Outcome } from './ingest-client.ts';
import { pause } from './pause.ts';

interface SenderOptions {
  readonly client: IngestClient;
  readonly buffer: DiskBuffer;
  readonly clock: Clock;
  readonly log: AgentLog;
  readonly backoff?: Backoff;
  /** An event that tells the server how many were dropped while it was away. */
  readonly lossEvent: (dropped: number) => string;
}

/** Refusals written out a batch; the rest are counted. */
const SHOWN_REFUSALS = 3;
/** How long stopping waits for the batch that is on its way. */
const STOP_GRACE_MS = 3000;

/**
 * Gets events to the server in their order: straight while it answers, by way of the disk buffer while it does not.
 * Close it with `close()`.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #backoff: Backoff;
  readonly #stop = new AbortController();
  /** Aborted first: nothing new is begun. `#stop` then ends what is on its way. */
  readonly #closing = new AbortController();
  #grace: Timer | undefined;
  #draining = false;
  #drained: Promise<void> = Promise.resolve();
  #lastComplaint = '';

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? new Backoff();
    // What an earlier run left goes first.
    if (!options.buffer.empty || options.buffer.dropped > 0) this.#drain(0);
  }

  /** Resolves when the events need nobody's care any more: stored, refused for good, or on disk. Rejects when the disk fails too. */
  async ship(events: readonly string[]): Promise<void> {
    let [waiting, waitMs] = [events, 0];
    if (!this.#draining) {
      const unsent = await this.#deliver(events);
      if (unsent === undefined) return;
      [waiting, waitMs] = [unsent.events, unsent.waitMs];
    }
    await this.#options.buffer.append(waiting);
    this.#drain(waitMs);
  }

  /** Begins nothing new from here on; what is on its way has a few seconds to arrive. */
  stop(): void {
    this.#closing.abort();
    this.#grace ??= this.#options.clock.after(STOP_GRACE_MS, () => this.#stop.abort());
  }

  /** Stops sending; what has not arrived stays in the buffer. */
  async close(): Promise<void> {
    this.stop();
    await this.#drained;
    this.#grace?.cancel();
    this.#stop.abort();
  }

  #drain(firstWaitMs: number): void {
    if (this.#draining || this.#closing.signal.aborted) return;
    this.#draining = true;
    this.#drained = this.#drainAll(firstWaitMs);
  }

  /** Sends what waits, oldest first, until nothing does. Never rejects. */
  async #drainAll(firstWaitMs: number): Promise<void> {
    const { buffer, clock, log } = this.#options;
    let waitMs = firstWaitMs;
    do {
      if (waitMs > 0) await pause(clock, waitMs, this.#closing.signal);
      if (this.#closing.signal.aborted) break;
      try {
        waitMs = await this.#drainOne();
      } catch (error) {
        log.error({ err: error }, 'the disk buffer is in trouble');
        waitMs = this.#backoff.next();
      }
      // Asked without a pause in between, so that an `append` is either seen here or finds nobody draining.
    } while (waitMs > 0 || !buffer.empty || buffer.dropped > 0);
    this.#draining = false;
  }

  /** The next step of draining. Resolves to how long to wait before the one after it. */
  async #drainOne(): Promise<number> {
    const { buffer } = this.#options;
    const segment = await buffer.oldest();
    if (segment === undefined) return await this.#reportLoss();
    const unsent = await this.#deliver(segment.events);
    if (unsent !== undefined) return unsent.waitMs;
    await buffer.remove(segment.id);
    return 0;
  }

  async #reportLoss(): Promise<number> {
    const { buffer, log, lossEvent } = this.#options;
    const { dropped } = buffer;
    if (dropped === 0) return 0;
    const unsent = await this.#deliver([lossEvent(dropped)]);
    if (unsent !== undefined) return unsent.waitMs;
    log.warn({ dropped }, 'events were dropped while the server was away: the buffer was full');
    await buffer.reported(dropped);
    return 0;
  }

  /** One try, in halves where the whole is too large. Resolves to what must be sent again, if anything. */
  async #deliver(events: readonly string[]): Promise<Unsent | undefined> {
    if (events.length === 0) return undefined;
    const outcome = await this.#options.client.send(events, this.#stop.signal);
    if (outcome.type === 'too_large' && events.length > 1) {
      const middle = events.length >> 1;
      const unsent = await this.#deliver(events.slice(0, middle));
      const rest = events.slice(middle);
      if (unsent !== undefined) return { events: [...unsent.events, ...rest], waitMs: unsent.waitMs };
      return await this.#deliver(rest);
    }
    const waitMs = this.#judge(outcome, events.length);
    return waitMs === undefined ? undefined : { events, waitMs };
  }

  /** Says what there is to say of an outcome. Returns how long to wait before the next try, undefined when there is none. */
  #judge(outcome: Outcome, count: number): number | undefined {
    const { log } = this.#options;
    switch (outcome.type) {
      case 'later':
        this.#complain(`${outcome.reason}; events wait on disk`);
        return this.#backoff.next(outcome.retryAfterMs);
      case 'unwelcome':
        this.#complain(
          `the server takes nothing from this agent (${outcome.reason}): check --server and --api-key; events wait on disk`,
        );
        return this.#backoff.next();
      case 'too_large':
        log.error('an event was dropped: it is too large for the server');
        break;
      case 'refused':
        log.error({ events: count }, `a batch was dropped: the server refused it (${outcome.reason})`);
        break;
      case 'taken':
        for (const { code, message } of outcome.refused.slice(0, SHOWN_REFUSALS))
          log.warn(`an event was dropped: the server refused it (${code} ${message})`);
        if (outcome.refused.length > SHOWN_REFUSALS)
          log.warn({ events: outcome.refused.length }, 'that many events of one batch were refused');
        if (this.#lastComplaint !== '') log.info('the server takes events again');
        this.#lastComplaint = '';
    }
    this.#backoff.reset();
    return undefined;
  }

  /** The same trouble is told once, not at every try. */
  #complain(reason: string): void {
    if (reason !== this.#lastComplaint) this.#options.log.warn(reason);
    this.#lastComplaint = reason;
  }
}

interface Unsent {
  readonly events: readonly string[];
  readonly waitMs: number;
}
