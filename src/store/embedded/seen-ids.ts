/**
 * Ids that are remembered at most, whatever the window: about 60 MB. A sender that gives ids of its own at 10,000 events
 * a second fills it in 50 s, and its repeats are then recognised for that long.
 */
export const MAX_SEEN_IDS = 500_000;

/** A stored event that its sender gave an id: the store's id for it, and when it arrived. */
export interface Seen {
  readonly id: number;
  readonly at: number;
}

/** The senders' ids of the last `windowMs`, so that a repeat is stored once. */
export class SeenIds {
  private readonly windowMs: number;
  private readonly seen = new Map<string, Seen>();

  constructor(windowMs: number) {
    this.windowMs = windowMs;
  }

  get size(): number {
    return this.seen.size;
  }

  /** The event that had this id within the window before `now`. */
  find(eventId: string, now: number): Seen | undefined {
    const seen = this.seen.get(eventId);
    return seen !== undefined && now - seen.at <= this.windowMs ? seen : undefined;
  }

  add(eventId: string, seen: Seen): void {
    // To the end of the map: its order is that of time.
    this.seen.delete(eventId);
    this.seen.set(eventId, seen);
    for (const [oldest, { at }] of this.seen) {
      if (this.seen.size <= MAX_SEEN_IDS && seen.at - at <= this.windowMs) break;
      this.seen.delete(oldest);
    }
  }
}
