import { all, type Filter } from '../core/filter.ts';
import { RHYTHM_SAMPLES } from '../core/rhythm.ts';
import type { ServiceRecord, Store } from '../store/store.ts';
import { countBatches } from './count-batch.ts';
import type { CountAsk, EventData, Grouped, HistoryAsk, MetricAsk, Slice } from './event-data.ts';
import type { Memory } from './memory.ts';
import { historyBatches, metricBatches } from './metric-batch.ts';
import { groupKey } from './per-group.ts';
import { sliceFilter } from './slice.ts';
import { Together, type Waiting } from './together.ts';

/** Queries under way at once: more would take the store away from those who search and ingest. */
const MAX_QUERIES = 4;
/** How long it is believed which groups there are. */
const GROUPS_MS = 5 * 60_000;
/** How long a rhythm that was learnt is believed. */
export const MOMENTS_MS = 60 * 60_000;
/** Rhythms learnt in one turn: after a start, a thousand services must not hold up the tick. */
const MAX_LEARNT = 200;

interface Batch<Ask, Answer> {
  readonly asks: readonly Ask[];
  run(store: Store): Promise<readonly Answer[]>;
}

/** Has what the rules ask in one tick answered by the store, in as few queries as their conditions allow. */
export class StoreData implements EventData {
  readonly #store: Store;
  readonly #memory: Memory;
  readonly #counts = this.#together(countBatches);
  readonly #metrics = this.#together(metricBatches);
  readonly #histories = this.#together(historyBatches);
  readonly #queue: (() => Promise<void>)[] = [];
  #running = 0;
  #queries = 0;
  #heartbeats: Promise<readonly ServiceRecord[]> | undefined;
  #learnt = 0;

  constructor(store: Store, memory: Memory) {
    this.#store = store;
    this.#memory = memory;
    memory.begin();
  }

  /** Asked of the store so far. */
  get queries(): number {
    return this.#queries;
  }

  count(ask: CountAsk): Promise<readonly Grouped<number>[]> {
    return this.#counts.ask(ask);
  }

  metric(ask: MetricAsk): Promise<readonly Grouped<number>[]> {
    return this.#metrics.ask(ask);
  }

  /** Steps are over before they are asked for: what arrives in them later is seen when the window moves on. */
  history(ask: HistoryAsk): Promise<readonly Grouped<readonly number[]>[]> {
    const key = JSON.stringify(['history', ask]);
    return this.#memory.recall(key, ask.window.to, Number.POSITIVE_INFINITY, () => this.#histories.ask(ask));
  }

  async groups(ask: CountAsk, present: readonly Grouped<unknown>[]): Promise<readonly Grouped<null>[]> {
    const { slice, groupBy, window } = ask;
    const key = JSON.stringify(['groups', slice, groupBy, window.to - window.from]);
    const known = await this.#memory.recall(key, window.to, window.to + GROUPS_MS, async () => {
      const found = await this.count(ask);
      return new Map(found.map(({ values }) => [groupKey(values), values]));
    });
    for (const { values } of present) known.set(groupKey(values), values);
    return [...known.values()].map((values) => ({ values, found: null }));
  }

  heartbeats(): Promise<readonly ServiceRecord[]> {
    this.#heartbeats ??= this.#ask((store) => store.services());
    return this.#heartbeats;
  }

  async moments(slice: Slice, now: number): Promise<readonly number[] | undefined> {
    const key = JSON.stringify(['moments', slice]);
    if (!this.#memory.has(key, now) && ++this.#learnt > MAX_LEARNT) return undefined;
    return this.#memory.recall(key, now, now + MOMENTS_MS, () =>
      this.#ask((store) => newestMoments(store, slice, now)),
    );
  }

  #together<Ask, Answer>(batches: (asks: readonly Ask[]) => readonly Batch<Ask, Answer>[]): Together<Ask, Answer> {
    return new Together((waiting) => {
      const byAsk = new Map(waiting.map((one) => [one.ask, one]));
      for (const batch of batches(waiting.map(({ ask }) => ask))) void this.#answer(batch, byAsk);
    });
  }

  async #answer<Ask, Answer>(
    { asks, run }: Batch<Ask, Answer>,
    waiting: ReadonlyMap<Ask, Waiting<Ask, Answer>>,
  ): Promise<void> {
    try {
      const answers = await this.#ask(run);
      asks.forEach((ask, index) => {
        const answer = answers[index];
        if (answer === undefined) throw new Error('BUG: an ask was not answered');
        waiting.get(ask)?.answer(answer);
      });
    } catch (error) {
      for (const ask of asks) waiting.get(ask)?.fail(error);
    }
  }

  /** Runs a query in its turn. */
  #ask<T>(query: (store: Store) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#queue.push(async () => {
        this.#queries += 1;
        await query(this.#store).then(resolve, reject);
      });
      this.#fill();
    });
  }

  #fill(): void {
    while (this.#running < MAX_QUERIES) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#running += 1;
      void next().finally(() => {
        this.#running -= 1;
        this.#fill();
      });
    }
  }
}

async function newestMoments(store: Store, slice: Slice, now: number): Promise<readonly number[]> {
  const past: Filter = { op: 'time', to: now };
  const isHeartbeat = slice.kind === 'heartbeat';
  const { events } = await store.page({
    kind: slice.kind,
    // The clock of who sends heartbeats is not asked: what counts is when they arrive.
    where: isHeartbeat ? sliceFilter(slice) : all(past, sliceFilter(slice)),
    order: 'desc',
    limit: RHYTHM_SAMPLES,
    offset: 0,
    total: false,
  });
  return events.map(({ received_at: arrived, timestamp }) => (isHeartbeat ? arrived : timestamp)).sort((a, b) => a - b);
}
