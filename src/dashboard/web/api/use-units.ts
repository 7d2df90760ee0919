import { useQueries } from '@tanstack/react-query';
import { get } from './client.ts';

/** A metric does not change what it is measured in while one looks. */
const STALE_AFTER_MS = 600_000;

/** What metrics are measured in, as the newest event of each says; those that say nothing are left out. */
export function useUnits(names: readonly string[]): ReadonlyMap<string, string> {
  const known = [...new Set(names)].filter((name) => name !== '');
  const answers = useQueries({
    queries: known.map((name) => ({
      queryKey: ['/api/metrics', 'unit', name],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        get('/api/metrics', { query: { name, limit: 1, total: 'none' }, signal }).then(
          ({ data }) => data[0]?.unit ?? null,
        ),
      staleTime: STALE_AFTER_MS,
    })),
  });
  return new Map(
    known.flatMap((name, index) => {
      const unit = answers[index]?.data;
      return typeof unit === 'string' ? [[name, unit] as const] : [];
    }),
  );
}
