import type { EventOf } from '../core/event.ts';
import { all, equals } from '../core/filter.ts';
import type { Store } from '../store/store.ts';

/** Counters whose total is remembered; one that is not is read from the store again. */
const MAX_REMEMBERED = 10_000;
/** The newest values of a name among which a series is looked for: what is not there begins with 0. */
const MOST_LOOKED_AT = 10_000;

type Counter = EventOf<'metric'>;

/**
 * Totals of counters that clients tell only the increase of. A total begins with the newest value that the store has of
 * its series (service, name, host and tags). Two replicas that count one series at once do not know of each other: give
 * each a `host` or a tag of its own.
 */
export class Counters {
  private readonly store: Store;
  private readonly totals = new Map<string, Promise<number>>();

  constructor(store: Store) {
    this.store = store;
  }

  /** The counter with its new total as the value, one after the other. `event.value` is the increase. */
  async add(event: Counter): Promise<Counter> {
    const key = seriesOf(event);
    const before = this.totals.get(key) ?? this.newest(event);
    const total = before.then((value) => value + event.value);
    this.totals.delete(key);
    this.totals.set(key, total);
    const [oldest] = this.totals.keys();
    if (this.totals.size > MAX_REMEMBERED && oldest !== undefined) this.totals.delete(oldest);
    try {
      return { ...event, value: await total, metric_type: 'counter' };
    } catch (error) {
      this.forget(event);
      throw error;
    }
  }

  /** After a total that could not be stored: the next one begins with what is. */
  forget(event: Counter): void {
    this.totals.delete(seriesOf(event));
  }

  private async newest(event: Counter): Promise<number> {
    const series = seriesOf(event);
    const tags = Object.entries(event.tags ?? {}).map(([key, value]) => equals(`tags.${key}`, value));
    const host = event.host === undefined ? [] : [equals('host', event.host)];
    const where = all(equals('service', event.service), equals('name', event.name), ...host, ...tags);
    for await (const batch of this.store.scan({ kind: 'metric', where, order: 'desc', limit: MOST_LOOKED_AT })) {
      const newest = batch.find((other) => seriesOf(other) === series);
      if (newest !== undefined) return newest.value;
    }
    return 0;
  }
}

function seriesOf({ service, name, host, tags = {} }: Counter): string {
  return JSON.stringify([service, name, host, Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
