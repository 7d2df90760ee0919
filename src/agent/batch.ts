import type { FileFollower } from './file-follower.ts';

/** Events sent at once: a server takes more, but a smaller batch is acknowledged sooner. */
export const BATCH_EVENTS = 1000;
/** Bytes after which a batch is full. One event more may exceed it, which stays far below what a server takes. */
export const BATCH_BYTES = 1024 * 1024;

/** Events that travel together, and how far the files they came from are safe once they have arrived. */
export class Batch {
  readonly events: string[] = [];
  readonly positions = new Map<FileFollower, number>();
  #bytes = 0;

  /** Events that still fit. */
  get room(): number {
    return this.#bytes >= BATCH_BYTES ? 0 : BATCH_EVENTS - this.events.length;
  }

  add(event: string): void {
    this.events.push(event);
    this.#bytes += event.length;
  }
}
