/** The ids that came lately and in which order: between the last `kept` and twice as many. */
export class RecentIds {
  readonly #kept: number;
  /** Places by id. The older half goes at once: taking the first of a large map away again and again is slow. */
  #newer = new Map<string, number>();
  #older: ReadonlyMap<string, number> = new Map();
  #count = 0;

  constructor(kept: number) {
    this.#kept = kept;
  }

  add(id: string): void {
    if (this.#newer.size >= this.#kept) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(id, this.#count++);
  }

  has(id: string): boolean {
    return this.#placeOf(id) !== undefined;
  }

  /** Whether both are remembered and `id` came first. */
  cameBefore(id: string, last: string): boolean {
    const place = this.#placeOf(id);
    const end = this.#placeOf(last);
    return place !== undefined && end !== undefined && place < end;
  }

  #placeOf(id: string): number | undefined {
    return this.#newer.get(id) ?? this.#older.get(id);
  }
}
