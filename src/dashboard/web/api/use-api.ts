import { keepPreviousData, QueryClient, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { ApiError } from './api-error.ts';
import { type GetOptions, get } from './client.ts';
import type { GetRoute, GetRoutes } from './routes.ts';

/** What was answered is shown at once when one comes back to it, and asked again. */
const STALE_AFTER_MS = 5_000;
const RETRIES = 2;

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: ApiError;
  }
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: STALE_AFTER_MS,
        retry: (count, error) => error instanceof ApiError && error.isPassing && count < RETRIES,
        refetchOnWindowFocus: false,
      },
    },
  });
}

export interface UseApiOptions extends Omit<GetOptions, 'signal'> {
  /** Asked again this often while the page is seen. */
  readonly everyMs?: number;
  /** False: not asked yet. */
  readonly enabled?: boolean;
  /** Keeps the last answer on the screen while the next one, of other parameters, is on its way. */
  readonly keep?: boolean;
}

/** The answer of a route, kept, shared by all who ask the same, and given up when nobody needs it any more. */
export function useApi<R extends GetRoute>(
  route: R,
  { path, query, everyMs, enabled = true, keep = false }: UseApiOptions = {},
): UseQueryResult<GetRoutes[R], ApiError> {
  return useQuery<GetRoutes[R], ApiError>({
    queryKey: [route, path, query],
    queryFn: ({ signal }) =>
      get(route, { ...(path !== undefined && { path }), ...(query !== undefined && { query }), signal }),
    enabled,
    ...(everyMs !== undefined && { refetchInterval: everyMs }),
    ...(keep && { placeholderData: keepPreviousData }),
  });
}
