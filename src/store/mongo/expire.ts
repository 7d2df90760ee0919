import type { Collection } from 'mongodb';
import { questionOptions, within } from './deadline.ts';
import type { EventDocument } from './event-document.ts';

const DAY_MS = 86_400_000;
/** What arrived within it is deleted at once: no statement runs for long, however much there is. */
const STEP_MS = 600_000;
/** Nobody waits for a step. */
const step = within(60_000);

/**
 * Deletes whole days of events that all arrived before `before`, and answers how many. Mostly the server has done so by
 * itself: this is for one whose time-to-live monitor is off or behind.
 */
export async function deleteBefore(collection: Collection<EventDocument>, before: number): Promise<number> {
  const end = Math.floor(before / DAY_MS) * DAY_MS;
  for (let deleted = 0; ; ) {
    const [oldest] = await collection
      .find({ received_at: { $lt: new Date(end) } }, { projection: { received_at: 1 }, ...questionOptions() })
      .sort({ received_at: 1 })
      .limit(1)
      .toArray();
    if (oldest === undefined) return deleted;
    const until = Math.min(end, oldest.received_at.getTime() + STEP_MS);
    deleted += (await collection.deleteMany({ received_at: { $lt: new Date(until) } }, step())).deletedCount;
  }
}
