import type { Stats } from './routes.ts';

/** One number of `/api/stats`, by its place; undefined when this server does not report it. */
export function figure(stats: Stats, ...path: readonly string[]): number | undefined {
  let value: unknown = stats;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([key]) => key === name)?.[1];
  }
  return typeof value === 'number' ? value : undefined;
}
