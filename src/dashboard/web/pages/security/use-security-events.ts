import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ApiError } from '../../api/api-error.ts';
import { get, type Query } from '../../api/client.ts';
import type { StoredSecurity } from '../../api/routes.ts';

/** Events that are read to be counted and drawn: the newest. */
export const MOST_READ = 2000;
const PAGE = 500;

export interface SecurityEvents {
  readonly events: readonly StoredSecurity[];
  /** How many match, read or not. */
  readonly total: number;
}

/** The newest events that match, as many as a page can count, and how many there are. */
export function useSecurityEvents(query: Query) {
  return useQuery<SecurityEvents, ApiError>({
    queryKey: ['/api/security', 'newest', query],
    queryFn: async ({ signal }) => {
      const events: StoredSecurity[] = [];
      let total = 0;
      let cursor: string | undefined;
      do {
        const page = await get('/api/security', {
          query: { ...query, cursor, limit: PAGE, total: cursor === undefined ? 'exact' : 'none' },
          signal,
        });
        events.push(...page.data);
        total = page.total ?? total;
        cursor = page.next_cursor;
      } while (cursor !== undefined && events.length < MOST_READ);
      return { events, total };
    },
    placeholderData: keepPreviousData,
  });
}
