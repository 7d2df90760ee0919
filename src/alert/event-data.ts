import type { Kind } from '../../schemas/event.ts';
import type { RuleAggregate } from '../../schemas/rule.ts';
import type { Field, Filter } from '../core/filter.ts';
import type { ServiceRecord } from '../store/store.ts';

/** A stretch of time, both ends included, in milliseconds since the epoch. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Events a rule looks at, apart from when. */
export interface Slice {
  readonly kind: Kind;
  /** Each of these fields must have one of these values. */
  readonly only: Readonly<Partial<Record<Field, readonly string[]>>>;
  /** What the words of a search ask for besides. */
  readonly search?: Filter;
}

export interface CountAsk {
  readonly slice: Slice;
  readonly window: Window;
  readonly groupBy: readonly Field[];
}

export interface MetricAsk extends CountAsk {
  readonly fn: RuleAggregate;
}

export interface HistoryAsk extends CountAsk {
  readonly stepMs: number;
}

/** Something found in a group: its values of the fields of `groupBy`, in their order. */
export interface Grouped<T> {
  readonly values: readonly (string | null)[];
  readonly found: T;
}

/**
 * What a rule may ask of the past. The live engine has it answered by the store, a preview by series that it has read
 * before: the rules do not know which. Groups that nothing is found of are left out. Each may reject with a store's error.
 */
export interface EventData {
  /** Events in the window. */
  count(ask: CountAsk): Promise<readonly Grouped<number>[]>;
  /** A function of the values of metrics in the window. */
  metric(ask: MetricAsk): Promise<readonly Grouped<number>[]>;
  /** The average of each step of the window that has values, oldest first. The window must begin and end with a step. */
  history(ask: HistoryAsk): Promise<readonly Grouped<readonly number[]>[]>;
  /**
   * Groups that there were events of in the window. `present` are those found at this moment: they are remembered, and
   * what else is new may be missing for some minutes.
   */
  groups(ask: CountAsk, present: readonly Grouped<unknown>[]): Promise<readonly Grouped<null>[]>;
  /** The newest heartbeats at this moment, of each service and host. */
  heartbeats(now: number): Promise<readonly ServiceRecord[]>;
  /**
   * When the newest events of a slice happened (heartbeats: arrived), oldest first: what a rhythm is learnt from. At most
   * `RHYTHM_SAMPLES`, as they were at some moment of the last hour; undefined while they have not been looked at yet.
   */
  moments(slice: Slice, now: number): Promise<readonly number[] | undefined>;
}
