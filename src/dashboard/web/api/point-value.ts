/** The value of a function at a point of `/api/metrics/aggregate`, which has one for each beside its time. */
export function valueAt(point: object, fn: string): number | null {
  const value: unknown = Object.entries(point).find(([name]) => name === fn)?.[1];
  return typeof value === 'number' ? value : null;
}
