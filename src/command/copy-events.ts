import type { CopyProgress } from '../../schemas/copy.ts';
import type { Kind } from '../../schemas/event.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { EventOf, StoredEvent } from '../core/event.ts';
import type { Store } from '../store/store.ts';

/** Events that are read at once; after each such page it is written down how far the copy has come. */
const PAGE = 5000;
/** Ids that a store is asked for at once. */
const ASK = 500;
/**
 * Events that arrived within it are stored together, as of the last of them: a store puts one time on each batch, and a
 * commit for every second of a month would take hours.
 */
const BATCH_SPAN_MS = 60_000;

/** The clock of a store that is copied to: it stands at the arrival of the events that are being stored. */
export class ArrivalClock implements Clock {
  #now = 0;
  readonly monotonic = systemClock.monotonic;
  readonly after = systemClock.after;

  now(): number {
    return this.#now;
  }

  set(at: number): void {
    this.#now = at;
  }
}

export interface EventCopy<K extends Kind> {
  readonly kind: K;
  readonly from: Store;
  readonly to: Store;
  readonly clock: ArrivalClock;
  /** Names the source among those that `to` was copied from. */
  readonly source: string;
  /** Ends the copy after the page that is under way. */
  readonly signal: AbortSignal;
  readonly show: (progress: CopyProgress) => void;
  readonly pageEvents?: number;
}

/**
 * Copies the events of a kind in the order of their arrival; resolves to how far it has come. What is stored already is
 * not stored again: each event goes by its `event_id`, or by the id it had where it has none.
 */
export async function copyEvents<K extends Kind>(copy: EventCopy<K>): Promise<CopyProgress> {
  const { kind, from, to, source, signal, show, pageEvents = PAGE } = copy;
  const id = `${source}:${kind}`;
  const begun = (await to.documents.get('copies', id))?.document;
  let progress: CopyProgress = begun ?? { id, after: '', events: 0, left_out: 0 };
  // The page after the one that was written down last may be stored already, all or some of it.
  let mayBeThere = true;
  while (!signal.aborted) {
    const page = await from.since(kind, progress.after, pageEvents);
    const last = page.at(-1);
    if (last === undefined) break;
    const missing = mayBeThere ? await notThere(to, kind, page) : page;
    const stored = await storePage(copy, missing);
    mayBeThere = false;
    progress = {
      id,
      after: last.id,
      events: progress.events + page.length,
      left_out: progress.left_out + missing.length - stored,
    };
    await writeDown(to, progress);
    show(progress);
  }
  return progress;
}

/** Those of a page that the store does not have. */
async function notThere<K extends Kind>(
  to: Store,
  kind: K,
  page: readonly StoredEvent<K>[],
): Promise<readonly StoredEvent<K>[]> {
  const there = new Set<string>();
  for (let start = 0; start < page.length; start += ASK) {
    const values = page.slice(start, start + ASK).map(({ event_id }) => event_id);
    const where = { op: 'one_of', field: 'event_id', values } as const;
    // A sender may have used an id more than once.
    for await (const found of to.scan({ kind, where, order: 'asc' }))
      for (const { event_id } of found) there.add(event_id);
  }
  return page.filter(({ event_id }) => !there.has(event_id));
}

/** Answers how many events were new. */
async function storePage<K extends Kind>(
  { kind, to, clock }: EventCopy<K>,
  page: readonly StoredEvent<K>[],
): Promise<number> {
  let stored = 0;
  for (const batch of batches(page)) {
    clock.set(batch.at(-1)?.received_at ?? 0);
    stored += (await to.append(kind, batch.map(asSent))).stored.events.length;
  }
  return stored;
}

function batches<K extends Kind>(page: readonly StoredEvent<K>[]): readonly StoredEvent<K>[][] {
  const found: StoredEvent<K>[][] = [];
  for (const event of page) {
    const batch = found.at(-1);
    const first = batch?.[0];
    if (first === undefined || Math.abs(event.received_at - first.received_at) >= BATCH_SPAN_MS) found.push([event]);
    else batch?.push(event);
  }
  return found;
}

function asSent<K extends Kind>({ id: _, received_at: __, ...event }: StoredEvent<K>): EventOf<K> {
  return event as unknown as EventOf<K>;
}

async function writeDown(to: Store, progress: CopyProgress): Promise<void> {
  const known = await to.documents.get('copies', progress.id);
  if (known === undefined) await to.documents.insert('copies', progress);
  else await to.documents.update('copies', progress, known.version);
}
