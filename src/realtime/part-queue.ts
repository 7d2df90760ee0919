import type { Found, Part } from './live-batch.ts';

/** A stretch of a stream that waits, in order, with the places where something was left out. Bounded in items. */
export class PartQueue<I> {
  readonly #limit: number;
  #parts: Part<I>[] = [];
  #items = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** Items for which there is room. */
  get room(): number {
    return this.#limit - this.#items;
  }

  /** Adds what there is room for and counts the rest as lost. */
  add({ batch, indices }: Found<I>): void {
    const taken = Math.min(indices.length, this.room);
    if (taken > 0) {
      this.#parts.push({ batch, indices: taken === indices.length ? indices : indices.slice(0, taken) });
      this.#items += taken;
    }
    if (taken < indices.length) this.lose(indices.length - taken);
  }

  /** Takes note that items were left out at this place; undefined when nobody counted them. */
  lose(count: number | undefined): void {
    const last = this.#parts.at(-1);
    if (last === undefined || !('lost' in last)) this.#parts.push({ lost: count });
    else {
      const sum = last.lost === undefined || count === undefined ? undefined : last.lost + count;
      this.#parts[this.#parts.length - 1] = { lost: sum };
    }
  }

  /** Removes the oldest parts, of `limit` items in all. */
  take(limit: number): Part<I>[] {
    const taken: Part<I>[] = [];
    let room = limit;
    let count = 0;
    for (const part of this.#parts) {
      if ('lost' in part) taken.push(part);
      else if (room === 0) break;
      else if (part.indices.length <= room) {
        taken.push(part);
        room -= part.indices.length;
      } else {
        taken.push({ batch: part.batch, indices: part.indices.slice(0, room) });
        this.#parts[count] = { batch: part.batch, indices: part.indices.slice(room) };
        room = 0;
        break;
      }
      count++;
    }
    this.#parts = this.#parts.slice(count);
    this.#items -= limit - room;
    return taken;
  }
}
