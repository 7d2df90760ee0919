/** A stream of numbers that is the same for the same seed. */
export class Roll {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state * 1_664_525 + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }
  int(below: number): number {
    return Math.floor(this.next() * below);
  }
  of<T>(values: readonly T[]): T {
    const value = values[this.int(values.length)];
    if (value === undefined) throw new Error('BUG: nothing to choose from');
    return value;
  }
  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.int(16).toString(16)).join('');
  }
  address(): string {
    return `${this.of(['203.0.113', '198.51.100', '192.0.2'])}.${this.int(250) + 1}`;
  }
  word(): string {
    return this.of(['blue lamp', 'oak table', 'raincoat', 'usb cable', 'kettle', 'notebook']);
  }
  weighted(weights: readonly number[]): number {
    let rest = this.next() * weights.reduce((sum, weight) => sum + weight, 0);
    const found = weights.findIndex((weight) => {
      rest -= weight;
      return rest < 0;
    });
    return Math.max(0, found);
  }
}
