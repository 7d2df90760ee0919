import type { Kind } from '../../schemas/event.ts';
import type { AlertMessage } from '../../schemas/live.ts';
import type { Bus, Subscription } from '../bus/bus.ts';
import type { EventOf } from '../core/event.ts';
import type { Store } from '../store/store.ts';
import { limitConcurrency } from './limit-concurrency.ts';
import { type LiveBatch, liveAlerts, liveEvents, replayedEvents } from './live-batch.ts';

/** Where a channel's items come from: the bus for what is new, a memory for what was missed. */
export interface LiveSource<I> {
  /** Calls `listener` with all that comes from now on, and with undefined where something was forgotten on the way. */
  subscribe(listener: (batch: LiveBatch<I> | undefined) => void): Subscription;
  /** At most `limit` items that came after `id`, in order; undefined when that is no longer known. */
  since(id: string, limit: number): Promise<LiveBatch<I> | undefined>;
  /** The id by which items are ordered here, of the item that a client knows by `id`; undefined when there is none. */
  find(id: string): Promise<string | undefined>;
  /** Whether `id` came after `since`, both of this source. */
  isAfter(id: string, since: string): boolean;
  /** Where to begin to read so that nothing is missed that came after `id`: there, or earlier when items may come late. */
  resumeAfter(id: string): string;
  /** Whether items may come after others whose ids are greater. */
  readonly comesLate: boolean;
  close(): void;
}

/** Replays that may ask the store at one time: a thousand clients that come back at once must not stop all else. */
const CONCURRENT_READS = 4;

export function eventSource(kind: Kind, bus: Bus, store: Store): LiveSource<EventOf> {
  const inTurn = limitConcurrency(CONCURRENT_READS);
  return {
    subscribe: (listener) =>
      bus.subscribe<Kind>(kind, (delivery) =>
        listener(delivery.type === 'message' ? liveEvents(delivery.payload) : undefined),
      ),
    since: (id, limit) => inTurn(async () => replayedEvents(await store.since<Kind>(kind, id, limit))),
    // A sender's own event_id will do.
    find: (id) => inTurn(async () => (await store.get<Kind>(kind, id))?.id),
    isAfter: (id, since) => id > since,
    resumeAfter: (id) => store.resumeAfter(id),
    comesLate: store.isShared,
    close() {},
  };
}

/** Alert messages kept for clients that come back. They are few, and no store keeps them. */
const ALERT_HISTORY = 256;

export function alertSource(bus: Bus): LiveSource<AlertMessage> {
  const history: AlertMessage[] = [];
  const memory = bus.subscribe('alert', (delivery) => {
    // After a gap nobody can say what came after an older message.
    if (delivery.type === 'gap') history.length = 0;
    else history.push(delivery.payload);
    if (history.length > ALERT_HISTORY) history.shift();
  });
  return {
    subscribe: (listener) =>
      bus.subscribe('alert', (delivery) =>
        listener(delivery.type === 'message' ? liveAlerts([delivery.payload]) : undefined),
      ),
    async since(id, limit) {
      const last = history.findIndex((message) => message.id === id);
      return last === -1 ? undefined : liveAlerts(history.slice(last + 1, last + 1 + limit));
    },
    find: async (id) => history.find((message) => message.id === id)?.id,
    isAfter: (id, since) => id !== since,
    resumeAfter: (id) => id,
    comesLate: false,
    close: () => memory.close(),
  };
}
