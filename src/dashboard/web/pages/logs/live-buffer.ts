import type { StoredLog } from '../../api/routes.ts';

/** A row of the tail: a log, or a word on what is not there. */
export type LiveRow =
  | { readonly key: string; readonly log: StoredLog }
  | { readonly key: string; readonly note: string };

/** Rows kept: older ones go. */
export const MOST_ROWS = 100_000;
/** Rows that go at once, so that it does not happen with every frame. */
const STEP = 10_000;

/**
 * What the live tail has shown and what it holds back while it is paused. Outside of React: at thousands of events a
 * second nothing may be copied for each of them. A view is told of changes and asks for `rows`.
 */
export class LiveBuffer {
  readonly rows: LiveRow[] = [];
  readonly #held: LiveRow[] = [];
  readonly #listeners = new Set<() => void>();
  #paused = false;
  #version = 0;
  #notes = 0;
  /** Rows that have gone from the beginning so far: a view that is scrolled keeps its place by it. */
  gone = 0;

  add(logs: readonly StoredLog[]): void {
    const to = this.#paused ? this.#held : this.rows;
    for (const log of logs) to.push({ key: log.id, log });
    this.#trim();
  }

  note(note: string): void {
    (this.#paused ? this.#held : this.rows).push({ key: `note-${this.#notes++}`, note });
    this.#trim();
  }

  get held(): number {
    return this.#held.length;
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
    this.#changed();
  }

  resume(): void {
    this.#paused = false;
    for (const row of this.#held.splice(0)) this.rows.push(row);
    this.#trim();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  version = (): number => this.#version;

  #trim(): void {
    if (this.rows.length > MOST_ROWS) this.gone += this.rows.splice(0, this.rows.length - MOST_ROWS + STEP).length;
    // Told where it is: what was held back longest is what goes.
    if (this.#held.length > MOST_ROWS) {
      const lost = this.#held.splice(0, this.#held.length - MOST_ROWS + STEP).length;
      this.#held.unshift({
        key: `note-${this.#notes++}`,
        note: `${lost} lines came while this was paused and are not kept here`,
      });
    }
    this.#changed();
  }

  #changed(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}
