import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Level } from '../../../../../schemas/log.ts';
import type { ApiError } from '../../api/api-error.ts';
import { get, type Query } from '../../api/client.ts';
import type { StoredLog } from '../../api/routes.ts';
import { LEVELS } from '../../lib/tones.ts';

/** Logs that are looked through, the newest: few of them may carry a trace. */
export const MOST_READ = 2000;
const PAGE = 500;

/** A trace as its logs tell of it. */
export interface LoggedTrace {
  readonly id: string;
  readonly newest: StoredLog;
  readonly services: readonly string[];
  readonly worst: Level;
  readonly lines: number;
}

/** The traces that the newest matching logs carry, newest first, and how many logs were looked through. */
export function useLoggedTraces(query: Query) {
  return useQuery<{ readonly traces: readonly LoggedTrace[]; readonly read: number }, ApiError>({
    queryKey: ['/api/logs', 'traces', query],
    queryFn: async ({ signal }) => {
      const logs: StoredLog[] = [];
      let cursor: string | undefined;
      do {
        const page = await get('/api/logs', { query: { ...query, cursor, limit: PAGE, total: 'none' }, signal });
        logs.push(...page.data);
        cursor = page.next_cursor;
      } while (cursor !== undefined && logs.length < MOST_READ);
      return { traces: summaries(logs), read: logs.length };
    },
    placeholderData: keepPreviousData,
  });
}

function summaries(logs: readonly StoredLog[]): readonly LoggedTrace[] {
  const byTrace = new Map<string, StoredLog[]>();
  for (const log of logs) {
    if (log.trace_id === undefined) continue;
    const found = byTrace.get(log.trace_id);
    if (found === undefined) byTrace.set(log.trace_id, [log]);
    else found.push(log);
  }
  return Array.from(byTrace).flatMap(([id, found]) => {
    const [newest] = found;
    return newest === undefined ? [] : [summaryOf(id, newest, found)];
  });
}

function summaryOf(id: string, newest: StoredLog, found: readonly StoredLog[]): LoggedTrace {
  return {
    id,
    newest,
    services: [...new Set(found.map(({ service }) => service))],
    worst: LEVELS.findLast((level) => found.some((log) => log.level === level)) ?? 'info',
    lines: found.length,
  };
}
