/**
 * The value below which `share` of them lie, between its neighbours in proportion, as SQL's `percentile_cont` takes it.
 * `sorted` ascends and is not empty.
 */
export function quantile(sorted: readonly number[], share: number): number {
  const rank = share * (sorted.length - 1);
  const below = sorted[Math.floor(rank)];
  const above = sorted[Math.ceil(rank)];
  if (below === undefined || above === undefined) throw new Error('BUG: a quantile of nothing');
  return below + (above - below) * (rank - Math.floor(rank));
}
