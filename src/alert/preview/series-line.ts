import type { Preview } from '../../../schemas/preview.ts';
import type { Rule } from '../../../schemas/rule.ts';
import type { Reading } from '../../core/incident.ts';
import { formatTimestamp } from '../../core/timestamp.ts';
import { isWorse } from './worse.ts';

/** Points of a line: what a chart can show. Above that, two at a time become one: the worse of them. */
const MAX_POINTS = 1000;

interface Point {
  readonly time: number;
  readonly value: number | null;
}

/** The course of a rule's value, however long. */
export class SeriesLine {
  readonly #rule: Rule;
  #points: Point[] = [];
  /** Evaluations that one point stands for. */
  #each = 1;
  #waiting: Point[] = [];

  constructor(rule: Rule) {
    this.#rule = rule;
  }

  /** Of several groups the worst counts. */
  add(readings: readonly Reading[], time: number): void {
    const value = readings.reduce<number | null>(
      (worst, one) => (isWorse(this.#rule, one.value, worst) ? one.value : worst),
      null,
    );
    this.#waiting.push({ time, value });
    if (this.#waiting.length < this.#each) return;
    this.#points.push(this.#worst(this.#waiting));
    this.#waiting = [];
    if (this.#points.length < 2 * MAX_POINTS) return;
    const pairs = Array.from({ length: MAX_POINTS }, (_, index) => this.#points.slice(2 * index, 2 * index + 2));
    this.#points = pairs.map((pair) => this.#worst(pair));
    this.#each *= 2;
  }

  points(): Preview['series'] {
    const rest = this.#waiting.length === 0 ? [] : [this.#worst(this.#waiting)];
    return [...this.#points, ...rest].map(({ time, value }) => ({ time: formatTimestamp(time), value }));
  }

  #worst(points: readonly Point[]): Point {
    const [first, ...rest] = points;
    if (first === undefined) throw new Error('BUG: a point of no evaluations');
    return rest.reduce((worst, one) => (isWorse(this.#rule, one.value, worst.value) ? one : worst), first);
  }
}
