import type { Payload, Topic } from '../bus.ts';
import { eventsIn } from './entry.ts';

/** Messages remembered at a time, and the events in them: what is on its way to Redis and back. */
const MAX_MESSAGES = 4096;
const MAX_EVENTS = 65_536;

/**
 * What this replica has published and its own readers have not read yet: they take it from here, and need not decode it.
 * The oldest are forgotten; those are decoded like the messages of others.
 */
export class OwnMessages {
  readonly #listening: (topic: Topic) => boolean;
  readonly #kept = new Map<number, Payload<Topic>>();
  #events = 0;

  /** @param listening whether this replica reads a topic: what nobody will ask for is not kept */
  constructor(listening: (topic: Topic) => boolean) {
    this.#listening = listening;
  }

  keep<T extends Topic>(topic: T, number: number, payload: Payload<T>): void {
    if (!this.#listening(topic)) return;
    this.#kept.set(number, payload);
    this.#events += eventsIn(payload);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_MESSAGES && this.#events <= MAX_EVENTS) break;
      this.#forget(oldest);
    }
  }

  /** The message with this number, which is then forgotten. */
  take<T extends Topic>(_topic: T, number: number): Payload<T> | undefined {
    const payload = this.#kept.get(number);
    this.#forget(number);
    return payload as Payload<T> | undefined;
  }

  #forget(number: number): void {
    const payload = this.#kept.get(number);
    if (payload !== undefined) this.#events -= eventsIn(payload);
    this.#kept.delete(number);
  }
}
