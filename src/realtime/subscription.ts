import type { Clock, Timer } from '../core/clock.ts';
import type { Encoding } from './encoding.ts';
import { type Chunk, encode, type Found, type Part } from './live-batch.ts';
import type { LiveFilter } from './live-filter.ts';
import type { LiveSource } from './live-source.ts';
import { type IsKnown, missed, Seam } from './replay.ts';
import { select } from './select.ts';

/** Bytes that a client may leave untaken before messages to it are dropped. */
export const MAX_BACKLOG_BYTES = 1024 * 1024;
/** How long a client may stay behind before it is closed. */
export const MAX_LAG_MS = 30_000;
/** A gap that no message follows is told after this time, so that a quiet tail is still an honest one. */
const GAP_NOTICE_MS = 1000;

/** A connection to a client, WebSocket or server-sent events. */
export interface Sink {
  /** Bytes that were written and that the client has not taken. */
  readonly backlogBytes: number;
  write(bytes: Buffer): void;
  /** Calls `listener` each time a backlog has emptied. */
  onDrain(listener: () => void): void;
  offDrain(listener: () => void): void;
  /** Ends the connection because it cannot keep up. */
  closeSlow(): void;
}

/** What all subscriptions of a channel add up to, since the start. */
export interface LiveCounts {
  sent: number;
  dropped: number;
  closedSlow: number;
}

/**
 * One client's view of a channel, and what happens when it cannot keep up: past a bounded backlog messages to it are
 * counted and dropped; when it has caught up it is told how many, before the next message; when it does not, it is closed.
 */
export class Subscription<I> {
  readonly encoding: Encoding;
  readonly #sink: Sink;
  readonly #clock: Clock;
  readonly #counts: LiveCounts;
  readonly #onDrain = () => this.#drained();
  /** Set during a replay and for a while after it. */
  #seam: Seam<I> | undefined;
  #replaying = false;
  #dropped = 0;
  #droppedUncounted = false;
  #lag: Timer | undefined;
  #notice: Timer | undefined;
  #closed = false;
  #onRoom: (() => void) | undefined;

  constructor(sink: Sink, encoding: Encoding, clock: Clock, counts: LiveCounts) {
    this.#sink = sink;
    this.encoding = encoding;
    this.#clock = clock;
    this.#counts = counts;
    sink.onDrain(this.#onDrain);
  }

  /** Whether a message would be sent to it now, rather than dropped. */
  get receives(): boolean {
    return this.#lag === undefined;
  }

  /** What comes next. `chunks` is the same encoded, asked for only where it is needed. */
  take(run: readonly Found<I>[], chunks: (encoding: Encoding) => readonly Chunk[]): void {
    if (this.#replaying) for (const found of run) this.#seam?.hold(found);
    else if (this.receives) for (const chunk of this.#fresh(run) ?? chunks(this.encoding)) this.#send(chunk);
    else for (const { indices } of run) this.#lose(indices.length);
  }

  /** Something was left out here; undefined when nobody counted it. */
  lose(count: number | undefined): void {
    if (this.#replaying) this.#seam?.lose(count);
    else this.#lose(count);
  }

  /**
   * Sends what came after `since`, then what was taken meanwhile, then goes on live. Must be called before the first
   * `take`. An id that the source does not know is a gap. Rejects when the source fails: that is a gap too, and the client
   * is live all the same.
   */
  async replay(source: LiveSource<I>, since: string, filter: LiveFilter<I>, isKnown: IsKnown): Promise<void> {
    const seam = new Seam(source);
    this.#seam = seam;
    this.#replaying = true;
    try {
      const known = await source.find(since);
      if (known === undefined) this.#lose(undefined);
      else await this.#replayAfter(known, source, seam, filter, isKnown);
    } catch (error) {
      this.#lose(undefined);
      throw error;
    } finally {
      while (!seam.isEmpty && !this.#closed) for (const part of seam.take()) await this.#sendSlowly(part);
      this.#replaying = false;
      seam.joined(this.#clock.now());
    }
  }

  async #replayAfter(
    since: string,
    source: LiveSource<I>,
    seam: Seam<I>,
    filter: LiveFilter<I>,
    isKnown: IsKnown,
  ): Promise<void> {
    seam.beginAfter(since);
    for await (const found of missed(source, since, isKnown)) {
      if (found !== undefined) seam.replayed(found.batch);
      await this.#sendSlowly(found === undefined ? { lost: undefined } : select(found, filter));
      if (this.#closed) return;
    }
  }

  close(): void {
    this.#closed = true;
    this.#sink.offDrain(this.#onDrain);
    this.#lag?.cancel();
    this.#notice?.cancel();
    this.#onRoom?.();
  }

  /** What of `run` was not replayed, encoded; undefined when that is all of it. */
  #fresh(run: readonly Found<I>[]): readonly Chunk[] | undefined {
    const seam = this.#seam;
    if (seam === undefined) return undefined;
    if (seam.isSettled(this.#clock.now())) {
      this.#seam = undefined;
      return undefined;
    }
    const fresh = run.map((found) => seam.fresh(found));
    return fresh.every((found, index) => found === run[index]) ? undefined : encode(fresh, this.encoding);
  }

  /** A replay waits for its client, where live messages would be dropped. */
  async #sendSlowly(part: Part<I>): Promise<void> {
    if ('lost' in part) {
      this.#lose(part.lost);
      return;
    }
    for (const chunk of encode([part], this.encoding)) {
      await this.#room();
      if (this.#closed) return;
      this.#send(chunk);
    }
  }

  #send({ bytes, items }: Chunk): void {
    if (this.receives && this.#sink.backlogBytes > MAX_BACKLOG_BYTES) this.#fallBehind();
    if (!this.receives) {
      this.#lose(items);
      return;
    }
    this.#tellGap();
    this.#sink.write(bytes);
    this.#counts.sent += items;
  }

  #lose(count: number | undefined): void {
    if (count === undefined) this.#droppedUncounted = true;
    else this.#dropped += count;
    this.#counts.dropped += count ?? 0;
    if (this.receives && !this.#closed) this.#notice ??= this.#clock.after(GAP_NOTICE_MS, () => this.#tellGap());
  }

  #tellGap(): void {
    this.#notice?.cancel();
    this.#notice = undefined;
    if (this.#dropped === 0 && !this.#droppedUncounted) return;
    this.#sink.write(
      this.encoding.gap(this.#droppedUncounted ? { type: 'gap' } : { type: 'gap', dropped: this.#dropped }),
    );
    this.#dropped = 0;
    this.#droppedUncounted = false;
  }

  #fallBehind(): void {
    this.#notice?.cancel();
    this.#notice = undefined;
    this.#lag ??= this.#clock.after(MAX_LAG_MS, () => {
      this.#counts.closedSlow++;
      this.#sink.closeSlow();
    });
  }

  #drained(): void {
    this.#lag?.cancel();
    this.#lag = undefined;
    this.#tellGap();
    this.#onRoom?.();
  }

  /** Waits until the client has taken what it was sent. It may not stay behind for ever: see MAX_LAG_MS. */
  async #room(): Promise<void> {
    if (this.#sink.backlogBytes <= MAX_BACKLOG_BYTES) return;
    this.#fallBehind();
    await new Promise<void>((resolve) => {
      this.#onRoom = resolve;
    });
    this.#onRoom = undefined;
  }
}
