import type { Clock } from '../core/clock.ts';

const WINDOW_MS = 1000;
/**
 * Items that a channel makes ready for sending in a second. No reader follows more, and past it the tail would take the
 * processor from ingest: 20,000 cost some 6 % of a core.
 */
export const ITEMS_PER_SECOND = 20_000;
/** Time that a channel may spend on comparing events with filters in a second: the same, for many or costly filters. */
export const MATCHING_MS_PER_SECOND = 100;

/** What a channel may still do in this second. What it may not do is left out and told as a gap. */
export class WorkBudget {
  readonly #clock: Clock;
  #windowStart = 0;
  #items = 0;
  #matchingMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.renew();
  }

  /** Begins a new second if the last one is over. */
  renew(): void {
    const now = this.#clock.now();
    // A clock set back begins a new second too.
    if (now >= this.#windowStart && now - this.#windowStart < WINDOW_MS) return;
    this.#windowStart = now;
    this.#items = ITEMS_PER_SECOND;
    this.#matchingMs = MATCHING_MS_PER_SECOND;
  }

  /** How many of `wanted` items may be sent; they count as sent. */
  takeItems(wanted: number): number {
    const granted = Math.min(wanted, this.#items);
    this.#items -= granted;
    return granted;
  }

  get mayMatch(): boolean {
    return this.#matchingMs > 0;
  }

  spendMatching(ms: number): void {
    this.#matchingMs -= ms;
  }
}
