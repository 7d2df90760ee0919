/** Tries under way to one target: enough to work off a burst, little enough not to be one. */
const MAX_PER_TARGET = 2;
/** Tries under way at all, each with a connection: a hundred dead targets leave room for those that live. */
const MAX_AT_ONCE = 256;

interface Lane<T> {
  readonly waiting: T[];
  active: number;
}

/** A lane for each target, so that a slow one holds up nothing but itself. */
export class Lanes<T> {
  readonly #run: (item: T) => Promise<void>;
  readonly #lanes = new Map<string, Lane<T>>();
  /** Targets that have waiting items and could begin one, if there were not so much under way already. */
  readonly #starving = new Set<string>();
  readonly #running = new Set<Promise<void>>();

  /** @param run tries an item; it must not reject */
  constructor(run: (item: T) => Promise<void>) {
    this.#run = run;
  }

  get size(): number {
    return this.#lanes.size;
  }

  join(target: string, item: T): void {
    const lane = this.#lanes.get(target) ?? { waiting: [], active: 0 };
    this.#lanes.set(target, lane);
    lane.waiting.push(item);
    this.#fill(target);
  }

  /** Forgets what waits, and resolves when what is under way has ended. */
  async clear(): Promise<void> {
    for (const { waiting } of this.#lanes.values()) waiting.length = 0;
    this.#starving.clear();
    await Promise.all(this.#running);
    this.#lanes.clear();
  }

  #fill(target: string): void {
    const lane = this.#lanes.get(target);
    if (lane === undefined) return;
    while (lane.active < MAX_PER_TARGET && lane.waiting.length > 0) {
      if (this.#running.size >= MAX_AT_ONCE) {
        this.#starving.add(target);
        return;
      }
      const item = lane.waiting.shift();
      if (item !== undefined) this.#start(target, lane, item);
    }
    if (lane.active === 0 && lane.waiting.length === 0) this.#lanes.delete(target);
  }

  #start(target: string, lane: Lane<T>, item: T): void {
    lane.active += 1;
    const running = this.#run(item).finally(() => {
      this.#running.delete(running);
      lane.active -= 1;
      // Those who have waited longest come first.
      const [longest] = this.#starving;
      if (longest !== undefined) {
        this.#starving.delete(longest);
        this.#fill(longest);
      }
      this.#fill(target);
    });
    this.#running.add(running);
  }
}
