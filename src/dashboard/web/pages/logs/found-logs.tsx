import { SearchX } from 'lucide-react';
import { useCallback, useMemo, useRef } from 'react';
import type { StoredLog } from '../../api/routes.ts';
import { plural } from '../../lib/format.ts';
import { type UrlParams, useUrlState } from '../../lib/url-state.ts';
import { useRows } from '../../lib/use-rows.ts';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { LogList } from './log-list.tsx';
import { queryOf } from './log-query.ts';
import { useLogPages } from './use-log-pages.ts';

interface FoundLogsProps {
  readonly params: UrlParams;
  readonly onContext: (log: StoredLog) => void;
}

/** The logs that match, newest first. More are fetched as one scrolls. */
export function FoundLogs({ params, onContext }: FoundLogsProps) {
  const { change } = useUrlState();
  const scroller = useRef<HTMLDivElement>(null);
  const { logs, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useLogPages(
    queryOf(params),
    true,
  );
  const rows = useMemo(() => logs.map((log) => ({ key: log.id, log })), [logs]);
  const keys = useMemo(() => logs.map(({ id }) => id), [logs]);
  const openId = params.open;
  const onToggle = useCallback(
    (id: string) => change({ open: new URLSearchParams(location.search).get('open') === id ? undefined : id }),
    [change],
  );
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const active = useRows(keys, onToggle);

  if (error !== null && logs.length === 0)
    return <ErrorState error={error} what="the logs" onRetry={() => void refetch()} />;
  if (isPending) return <SkeletonRows rows={14} />;
  if (logs.length === 0) {
    return (
      <EmptyState icon={SearchX} title="No logs match">
        Choose a longer range, take a filter away, or look at what comes in live.
      </EmptyState>
    );
  }
  return (
    <LogList
      rows={rows}
      openId={openId}
      activeIndex={active}
      onToggle={onToggle}
      onContext={onContext}
      onEnd={onEnd}
      scroller={scroller}
      footer={
        <p className="px-4 py-3 text-xs text-ink-3">
          {isFetchingNextPage
            ? 'Fetching more…'
            : hasNextPage
              ? ''
              : `That is all: ${plural(logs.length, 'log')} in this time.`}
        </p>
      }
    />
  );
}
