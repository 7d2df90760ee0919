import type { RuleAggregate } from '../../../schemas/rule.ts';
import { RHYTHM_SAMPLES } from '../../core/rhythm.ts';
import type { ServiceRecord } from '../../store/store.ts';
import type { CountAsk, EventData, Grouped, HistoryAsk, MetricAsk, Slice, Window } from '../event-data.ts';
import { Memory } from '../memory.ts';
import { MOMENTS_MS } from '../store-data.ts';
import { EventSeries } from './event-series.ts';
import type { HeartbeatSeries } from './heartbeat-series.ts';

/** One group's past. */
export interface Series {
  /** A function of a window; undefined when that has no events. */
  in(window: Window, fn: RuleAggregate): number | undefined;
}

/** Answers what one rule asks out of series of its own events that were read before: whatever the moment. */
export class SeriesData implements EventData {
  readonly #groups: readonly Grouped<Series>[];
  readonly #heartbeats: HeartbeatSeries | undefined;
  /** Histories and rhythms hold for many moments, as they do for the engine. */
  readonly #memory = new Memory();

  constructor(groups: readonly Grouped<Series>[], heartbeats?: HeartbeatSeries) {
    this.#groups = groups;
    this.#heartbeats = heartbeats;
  }

  async count({ window }: CountAsk): Promise<readonly Grouped<number>[]> {
    return this.#each((series) => series.in(window, 'count'));
  }

  async metric({ window, fn }: MetricAsk): Promise<readonly Grouped<number>[]> {
    return this.#each((series) => series.in(window, fn));
  }

  history({ window, stepMs }: HistoryAsk): Promise<readonly Grouped<readonly number[]>[]> {
    this.#memory.begin();
    return this.#memory.recall(`history ${window.from}`, 0, 1, async () => {
      const starts = Array.from(
        { length: (window.to + 1 - window.from) / stepMs },
        (_, index) => window.from + index * stepMs,
      );
      return this.#each((series) => {
        const averages = starts.flatMap((from) => series.in({ from, to: from + stepMs - 1 }, 'avg') ?? []);
        return averages.length === 0 ? undefined : averages;
      });
    });
  }

  async groups({ window }: CountAsk): Promise<readonly Grouped<null>[]> {
    return this.#each((series) => (series.in(window, 'count') === undefined ? undefined : null));
  }

  async heartbeats(now: number): Promise<readonly ServiceRecord[]> {
    return this.#heartbeats?.at(now) ?? [];
  }

  moments(slice: Slice, now: number): Promise<readonly number[]> {
    const key = `moments ${JSON.stringify(slice.only)}`;
    return this.#memory.recall(key, now, now + MOMENTS_MS, async () => this.#newest(slice, now));
  }

  #newest({ kind, only }: Slice, now: number): readonly number[] {
    if (kind === 'heartbeat' && this.#heartbeats !== undefined) {
      return this.#heartbeats.arrivals(only.service?.[0] ?? '', only.host?.[0], RHYTHM_SAMPLES, now);
    }
    const series = this.#groups[0]?.found;
    return series instanceof EventSeries ? series.newest(RHYTHM_SAMPLES, now) : [];
  }

  #each<T>(ask: (series: Series) => T | undefined): readonly Grouped<T>[] {
    return this.#groups.flatMap(({ values, found }) => {
      const answer = ask(found);
      return answer === undefined ? [] : [{ values, found: answer }];
    });
  }
}
