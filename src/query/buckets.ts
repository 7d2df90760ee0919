/** Where buckets of a width begin, from the one that holds `from` to the one that holds `to`. */
export function bucketStarts(from: number, to: number, stepMs: number): number[] {
  return Array.from({ length: bucketCount(from, to, stepMs) }, (_, index) => bucketOf(from, stepMs) + index * stepMs);
}

export function bucketCount(from: number, to: number, stepMs: number): number {
  return (bucketOf(to, stepMs) - bucketOf(from, stepMs)) / stepMs + 1;
}

/** Buckets begin at whole multiples of their width since the epoch, as those of the store do. */
export function bucketOf(time: number, stepMs: number): number {
  return Math.floor(time / stepMs) * stepMs;
}
