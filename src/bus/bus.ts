import type { Kind } from '../../schemas/event.ts';
import type { AlertMessage } from '../../schemas/live.ts';
import type { StoredBatch } from '../core/event.ts';

/**
 * How modules hear of what others did, across replicas. Every adapter passes `test/fixtures/bus-contract.ts`.
 *
 * The store is the truth: the bus carries only what is already stored, may forget, and says so with a gap.
 */
export interface Bus {
  /** Hands a message to everyone who listens. Returns at once and never throws: a bus in trouble hurts no ingest. */
  publish<T extends Topic>(topic: T, payload: Payload<T>): void;

  /**
   * Calls `listener` with every message of a topic, in the order of publication, each once: those after position `after`
   * if given and still kept, then all that come. A listener that throws is logged and keeps its subscription.
   */
  subscribe<T extends Topic>(topic: T, listener: (delivery: Delivery<T>) => void, after?: Position): Subscription;

  /** The position of the newest message, or that of an empty topic. */
  position(topic: Topic): Position;

  /** Figures for `/stats`. */
  stats(): BusStats;

  close(): Promise<void>;
}

/** Events by their kind, and what became of alerts. */
export type Topic = Kind | 'alert';
export type Payload<T extends Topic> = T extends Kind ? StoredBatch<T> : AlertMessage;

/** A place in a topic. Only the bus that made it can read it. */
export type Position = string;

export type Delivery<T extends Topic> =
  | { readonly type: 'message'; readonly position: Position; readonly payload: Payload<T> }
  /** Messages before the next one were forgotten: what they carried is in the store. */
  | { readonly type: 'gap' };

export interface Subscription {
  close(): void;
}

export interface BusStats {
  readonly engine: string;
  readonly published: number;
  readonly subscribers: number;
  /** Messages that were to be published and could not be. */
  readonly dropped: number;
  /** Gaps that listeners were told of. */
  readonly gaps: number;
  /** Whether what is published reaches others at this moment. */
  readonly connected: boolean;
}
