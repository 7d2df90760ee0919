import type { Found, LiveBatch, Part } from './live-batch.ts';
import type { LiveSource } from './live-source.ts';
import { PartQueue } from './part-queue.ts';

/** Items that one replay brings at most: who missed more is told so, and may ask again from where it ended. */
export const REPLAY_ITEMS = 10_000;
/** Items of one question to the store, so that no replay holds more than this in memory. */
const REPLAY_PAGE = 500;
/** New items that wait while a replay is under way. */
const HELD_ITEMS = 10_000;
/** Longest time from storing an event to publishing it, by far. */
const SETTLE_MS = 5000;

/** Whether one who knows the item `last` knows `id` too. */
export type IsKnown = (id: string, last: string) => boolean;

/**
 * What came after `since`, an id of the source, page by page: the items of each that are not known, which may be none; ends
 * with undefined when there is more, or nobody knows. Where items come late it begins earlier than `since`.
 */
export async function* missed<I>(
  source: LiveSource<I>,
  since: string,
  isKnown: IsKnown,
): AsyncGenerator<Found<I> | undefined> {
  let after = source.resumeAfter(since);
  for (let replayed = 0; ; ) {
    const page = await source.since(after, REPLAY_PAGE);
    if (page === undefined) {
      yield undefined;
      return;
    }
    const isLater = (index: number) => source.isAfter(page.id(index), since);
    const later = source.comesLate ? page.all.indices.filter(isLater).length : page.size;
    if (replayed >= REPLAY_ITEMS && later > 0) {
      yield undefined;
      return;
    }
    if (page.size > 0) yield source.comesLate ? unknown(page, since, isKnown) : page.all;
    if (page.size < REPLAY_PAGE) return;
    replayed += later;
    after = page.id(page.size - 1);
  }
}

function unknown<I>(page: LiveBatch<I>, since: string, isKnown: IsKnown): Found<I> {
  const isNew = (id: string) => id !== since && !isKnown(id, since);
  return { batch: page, indices: page.all.indices.filter((index) => isNew(page.id(index))) };
}

/**
 * Where a replay from the store meets what the bus brought meanwhile. One who first subscribes, then replays, then takes
 * what was held misses nothing, because an event is stored before it is published; and what came both ways is taken once.
 */
export class Seam<I> {
  readonly #source: LiveSource<I>;
  /** Undefined until it is known: nothing can be said about what came before an id of another store. */
  #since: string | undefined;
  readonly #replayed = new Set<string>();
  readonly #held = new PartQueue<I>(HELD_ITEMS);
  #settledAt = Number.POSITIVE_INFINITY;

  constructor(source: LiveSource<I>) {
    this.#source = source;
  }

  /** Says what the replay is to follow; `since` is an id of the source. */
  beginAfter(since: string): void {
    this.#since = this.#source.resumeAfter(since);
  }

  /** Says that a page of the replay is on its way. */
  replayed(page: LiveBatch<I>): void {
    for (let index = 0; index < page.size; index++) this.#replayed.add(page.id(index));
  }

  hold(found: Found<I>): void {
    this.#held.add(found);
  }

  lose(count: number | undefined): void {
    this.#held.lose(count);
  }

  /** Whether nothing is held: when the replay is over too, its reader is live. */
  get isEmpty(): boolean {
    return this.#held.isEmpty;
  }

  /** Removes some of what was held, in order and without what was replayed. */
  take(): Part<I>[] {
    return this.#held.take(REPLAY_PAGE).map((part) => ('lost' in part ? part : this.fresh(part)));
  }

  /** `found` without what the replay brought; the same object when that is all of it. */
  fresh(found: Found<I>): Found<I> {
    const indices = found.indices.filter((index) => this.#isNew(found.batch.id(index)));
    return indices.length === found.indices.length ? found : { batch: found.batch, indices };
  }

  /** Says that its reader is live. What was stored before the replay may still be published for a while. */
  joined(now: number): void {
    this.#settledAt = now + SETTLE_MS;
  }

  /** Whether nothing that was replayed will be published any more. */
  isSettled(now: number): boolean {
    return now >= this.#settledAt;
  }

  #isNew(id: string): boolean {
    return !this.#replayed.has(id) && (this.#since === undefined || this.#source.isAfter(id, this.#since));
  }
}
