import type { Kind } from '../../../schemas/event.ts';
import { type StoredBatch, type StoredEvent, storedEvent } from '../../core/event.ts';

/** Acknowledged events that are held until they are loaded, and what they take in the journal, at most. */
const MAX_EVENTS = 4_096;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * What was acknowledged and is not loaded yet, while it is little: a question for a page need not wait for a load of its
 * own, which costs milliseconds and room in the day's file.
 */
export class RecentEvents<K extends Kind> {
  private batches: { readonly batch: StoredBatch<K>; readonly lastId: number; readonly bytes: number }[] = [];
  private events = 0;
  private bytes = 0;
  /** Of the events up to this id some are not held. */
  private missingUpTo = 0;

  /** Adds what was just made durable; `bytes` is what it takes in the journal. */
  add(batch: StoredBatch<K>, bytes: number): void {
    const lastId = Number(batch.id(batch.events.length - 1));
    this.events += batch.events.length;
    this.bytes += bytes;
    if (this.events > MAX_EVENTS || this.bytes > MAX_BYTES) {
      this.batches = [];
      this.events = 0;
      this.bytes = 0;
      this.missingUpTo = lastId;
    } else this.batches.push({ batch, lastId, bytes });
  }

  /** Lets go of what is loaded. */
  forget(loadedId: number): void {
    const loaded = this.batches.findIndex(({ lastId }) => lastId > loadedId);
    for (const { batch, bytes } of this.batches.splice(0, loaded === -1 ? this.batches.length : loaded)) {
      this.events -= batch.events.length;
      this.bytes -= bytes;
    }
  }

  /** Whether every event after `loadedId` is held. */
  hasAllAfter(loadedId: number): boolean {
    return this.missingUpTo <= loadedId;
  }

  /** What is held at the moment, to be looked at later: oldest first. */
  held(): readonly StoredBatch<K>[] {
    return this.batches.map(({ batch }) => batch);
  }
}

/** The events of some batches whose ids come after `id`. */
export function eventsAfter<K extends Kind>(batches: readonly StoredBatch<K>[], id: number): readonly StoredEvent<K>[] {
  return batches.flatMap((batch) =>
    batch.events.map((_, index) => storedEvent(batch, index)).filter((event) => Number(event.id) > id),
  );
}
