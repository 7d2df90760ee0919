import type { Health } from '../../../schemas/heartbeat.ts';
import type { StoredEvent } from '../../core/event.ts';
import type { ServiceRecord } from '../../store/store.ts';
import { lowerBound } from './sorted.ts';

interface Source {
  readonly service: string;
  readonly host: string | null;
  /** When they arrived, ascending, and what each said. */
  readonly arrivals: number[];
  readonly states: Health[];
}

/** Heartbeats as they came in, to be asked what was known of them at any moment. */
export class HeartbeatSeries {
  readonly #sources: readonly Source[];
  readonly #byService = new Map<string, readonly number[]>();

  constructor(heartbeats: readonly StoredEvent<'heartbeat'>[]) {
    const sources = new Map<string, Source>();
    for (const { service, host = null, status, received_at: arrived } of heartbeats.toSorted(byArrival)) {
      const key = JSON.stringify([service, host]);
      const source = sources.get(key) ?? { service, host, arrivals: [], states: [] };
      sources.set(key, source);
      source.arrivals.push(arrived);
      source.states.push(status);
    }
    this.#sources = [...sources.values()];
    for (const { service, arrivals } of this.#sources) {
      this.#byService.set(
        service,
        [...(this.#byService.get(service) ?? []), ...arrivals].sort((a, b) => a - b),
      );
    }
  }

  /** The newest of each service and host that had arrived by `now`. */
  at(now: number): readonly ServiceRecord[] {
    return this.#sources.flatMap(({ service, host, arrivals, states }) => {
      const index = lowerBound(arrivals, now + 1) - 1;
      const [lastSeen, status] = [arrivals[index], states[index]];
      return lastSeen === undefined || status === undefined ? [] : [{ service, host, status, version: null, lastSeen }];
    });
  }

  /** When the newest `count` of a service (of one of its hosts, if one is named) had arrived by `now`, oldest first. */
  arrivals(service: string, host: string | undefined, count: number, now: number): readonly number[] {
    const all =
      host === undefined
        ? (this.#byService.get(service) ?? [])
        : (this.#sources.find((source) => source.service === service && source.host === host)?.arrivals ?? []);
    const end = lowerBound(all, now + 1);
    return all.slice(Math.max(0, end - count), end);
  }
}

function byArrival(a: StoredEvent, b: StoredEvent): number {
  return a.received_at - b.received_at;
}
