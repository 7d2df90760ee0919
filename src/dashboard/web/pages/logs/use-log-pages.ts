import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { get, type Query } from '../../api/client.ts';
import type { List, StoredLog } from '../../api/routes.ts';

/** As large as the API's pages get: fewer stops on a long way down. */
const PAGE = 500;
const FIRST_PAGE = 100;

/** Logs that match, newest first, page after page as far as one scrolls. */
export function useLogPages(query: Query, enabled: boolean) {
  const pages = useInfiniteQuery<
    List<StoredLog>,
    ApiError,
    { pages: List<StoredLog>[] },
    readonly unknown[],
    string | undefined
  >({
    queryKey: ['/api/logs', 'pages', query],
    queryFn: ({ signal, pageParam: cursor }) =>
      get('/api/logs', {
        query: { ...query, cursor, limit: cursor === undefined ? FIRST_PAGE : PAGE, total: 'none' },
        signal,
      }),
    initialPageParam: undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    enabled,
  });
  const logs = useMemo(() => pages.data?.pages.flatMap(({ data }) => data) ?? [], [pages.data]);
  return { ...pages, logs };
}
