/** A number as people read it: four digits that count, and no exponent where it can be helped. */
export function significant(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  return String(Number(value.toPrecision(4)));
}
