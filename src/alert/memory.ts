interface Remembered {
  readonly value: Promise<unknown>;
  readonly until: number;
  usedIn: number;
}

/**
 * What the engine has found out and need not ask at every tick. Nothing is in it that is not in the store: it may be
 * forgotten at any time, and what was not asked for in the last two turns is.
 */
export class Memory {
  readonly #kept = new Map<string, Remembered>();
  #turn = 0;

  get size(): number {
    return this.#kept.size;
  }

  /** Begins a turn: to be called before each tick. */
  begin(): void {
    this.#turn += 1;
    for (const [key, { usedIn }] of this.#kept) if (usedIn < this.#turn - 1) this.#kept.delete(key);
  }

  /** Whether `recall` would have to ask. */
  has(key: string, now: number): boolean {
    const kept = this.#kept.get(key);
    return kept !== undefined && kept.until > now;
  }

  /** What is remembered under `key` or, when that is nothing or too old at `now`, what `ask` finds; kept until `until`. */
  recall<T>(key: string, now: number, until: number, ask: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.until > now) {
      kept.usedIn = this.#turn;
      return kept.value as Promise<T>;
    }
    const value = ask();
    this.#kept.set(key, { value, until, usedIn: this.#turn });
    // A failure is no finding.
    value.catch(() => this.#kept.delete(key));
    return value;
  }
}
