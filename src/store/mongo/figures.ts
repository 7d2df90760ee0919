import type { Collection, Db } from 'mongodb';
import { KINDS, type Kind } from '../../../schemas/event.ts';
import type { Clock } from '../../core/clock.ts';
import { EVENT_COLLECTIONS } from './collections.ts';
import { questionOptions } from './deadline.ts';

/** The database is asked at most this often; what this replica stores in between is added. */
const ASK_EVERY_MS = 5000;

/** Below it events are counted one by one: the server's own figure may be of some time ago. */
const COUNTED_BELOW = 10_000;

type Counts = Readonly<Record<Kind, number>>;

/** How much the database holds, for `/stats`, which does not wait: what was known last. */
export class Figures {
  readonly #db: Db;
  readonly #clock: Clock;
  #counts: Counts;
  #bytes: number;
  #askedAt: number;
  /** Counts every change, so that an answer from before one is not taken for the present. */
  #changes = 0;

  private constructor(db: Db, clock: Clock, { counts, bytes }: Awaited<ReturnType<typeof ask>>) {
    this.#db = db;
    this.#clock = clock;
    this.#counts = counts;
    this.#bytes = bytes;
    this.#askedAt = clock.now();
  }

  static async of(db: Db, clock: Clock): Promise<Figures> {
    return new Figures(db, clock, await ask(db));
  }

  add(kind: Kind, events: number): void {
    this.#changes++;
    this.#counts = { ...this.#counts, [kind]: this.#counts[kind] + events };
  }

  read(): { readonly events: Counts; readonly bytes: number } {
    if (this.#clock.now() - this.#askedAt >= ASK_EVERY_MS) void this.#refresh();
    return { events: this.#counts, bytes: this.#bytes };
  }

  async #refresh(): Promise<void> {
    this.#askedAt = this.#clock.now();
    const before = this.#changes;
    try {
      const { counts, bytes } = await ask(this.#db);
      this.#bytes = bytes;
      if (this.#changes === before) this.#counts = counts;
    } catch {
      // The figures stay what they were; that the database is away, `/ready` tells.
    }
  }
}

async function ask(db: Db): Promise<{ readonly counts: Counts; readonly bytes: number }> {
  const [size, ...counts] = await Promise.all([
    db.command({ dbStats: 1 }, questionOptions()),
    ...KINDS.map(async (kind) => [kind, await countOf(db.collection(EVENT_COLLECTIONS[kind]))] as const),
  ]);
  return { counts: Object.fromEntries(counts) as Record<Kind, number>, bytes: Number(size.totalSize ?? 0) };
}

async function countOf(collection: Collection): Promise<number> {
  const estimate = await collection.estimatedDocumentCount(questionOptions());
  return estimate < COUNTED_BELOW ? collection.countDocuments({}, questionOptions()) : estimate;
}
