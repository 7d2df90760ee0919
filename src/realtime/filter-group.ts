import type { Encoding } from './encoding.ts';
import { type Chunk, encode, type Found } from './live-batch.ts';
import type { LiveFilter } from './live-filter.ts';
import { PartQueue } from './part-queue.ts';
import { selectWithin } from './select.ts';
import type { Subscription } from './subscription.ts';
import { ITEMS_PER_SECOND, type WorkBudget } from './work-budget.ts';

/** Items that one turn of the event loop sends a group: a burst is spread, so that readers can follow and ingest goes on. */
const ITEMS_PER_TURN = 512;

/** All who ask the same of a channel. What matches is found once, encoded once, and the same bytes go to everyone. */
export class FilterGroup<I> {
  readonly filter: LiveFilter<I>;
  readonly members = new Set<Subscription<I>>();
  /** What the busiest second admits. */
  readonly #queue = new PartQueue<I>(ITEMS_PER_SECOND);

  constructor(filter: LiveFilter<I>) {
    this.filter = filter;
  }

  /** Chooses what of a batch will be sent. Nothing is encoded yet, and nothing will be that nobody can take. */
  admit(all: Found<I>, budget: WorkBudget): void {
    const found = selectWithin(all, this.filter, budget);
    if (found === undefined) {
      this.lose(undefined);
      return;
    }
    const { batch, indices } = found;
    const granted = this.#anyoneReceives() ? budget.takeItems(indices.length) : 0;
    if (granted > 0) this.#queue.add({ batch, indices: indices.slice(0, granted) });
    if (granted < indices.length) this.lose(indices.length - granted);
  }

  /** Takes note that items were left out at this place of the stream; undefined when nobody counted them. */
  lose(count: number | undefined): void {
    this.#queue.lose(count);
  }

  /** Sends the next of what was admitted; answers whether there is more. */
  flush(): boolean {
    let run: Found<I>[] = [];
    for (const part of this.#queue.take(ITEMS_PER_TURN)) {
      if (!('lost' in part)) run.push(part);
      else {
        this.#give(run);
        run = [];
        for (const member of this.members) member.lose(part.lost);
      }
    }
    this.#give(run);
    return !this.#queue.isEmpty;
  }

  #give(run: readonly Found<I>[]): void {
    if (run.length === 0) return;
    const encoded = new Map<Encoding, readonly Chunk[]>();
    const chunks = (encoding: Encoding) => {
      const known = encoded.get(encoding);
      if (known !== undefined) return known;
      const made = encode(run, encoding);
      encoded.set(encoding, made);
      return made;
    };
    for (const member of this.members) member.take(run, chunks);
  }

  #anyoneReceives(): boolean {
    for (const member of this.members) if (member.receives) return true;
    return false;
  }
}
