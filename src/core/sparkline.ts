const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** Numbers as a row of bars, each from 0 (or the least, if that is below) to the greatest. */
export function sparkline(values: readonly number[]): string {
  return shares(values)
    .map((share) => BARS[Math.min(Math.floor(share * BARS.length), BARS.length - 1)])
    .join('');
}

/** How far each number is on the way from 0, or the least below it, to the greatest: from 0 to 1. */
export function shares(values: readonly number[]): readonly number[] {
  const least = Math.min(0, ...values);
  const span = Math.max(0, ...values) - least;
  return values.map((value) => (span === 0 ? 0 : (value - least) / span));
}
