import { ArrowDown, PlugZap } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { LiveState } from '../../api/live-tail.ts';
import type { StoredLog } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { plural, whole } from '../../lib/format.ts';
import type { UrlParams } from '../../lib/url-state.ts';
import { useNow } from '../../lib/use-now.ts';
import { Dot } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { LogList } from './log-list.tsx';
import { filterOf } from './log-query.ts';
import { useLiveLogs } from './use-live-logs.ts';

interface LiveLogsProps {
  readonly params: UrlParams;
  readonly paused: boolean;
  readonly onPause: (paused: boolean) => void;
  readonly onContext: (log: StoredLog) => void;
}

/**
 * Logs as they arrive, the newest at the end. It follows while its end is seen; scrolled up it stays where it is, and
 * paused it holds back what comes.
 */
export function LiveLogs({ params, paused, onPause, onContext }: LiveLogsProps) {
  const filter = useMemo(() => filterOf(params), [params]);
  const { buffer, state, error } = useLiveLogs(filter);
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const [openId, setOpenId] = useState<string>();
  const seen = useRef(0);

  useEffect(() => {
    if (paused) buffer.pause();
    else buffer.resume();
  }, [paused, buffer]);
  const arrived = buffer.rows.length + buffer.gone;
  if (following) seen.current = arrived;

  const onToggle = useCallback((id: string) => setOpenId((open) => (open === id ? undefined : id)), []);
  const toEnd = () => {
    onPause(false);
    setFollowing(true);
  };
  const unseen = arrived - seen.current + buffer.held;

  const stats = useApi('/api/stats');

  if (error !== undefined) return <ErrorState error={error} what="the live logs" />;
  if (stats.data !== undefined && !stats.data.roles.includes('realtime')) {
    return (
      <EmptyState icon={PlugZap} title="This server shows nothing live">
        The role <code>realtime</code> is off here. Its logs can be searched.
      </EmptyState>
    );
  }
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <LiveStatus state={state} paused={paused} held={buffer.held} shown={buffer.rows.length} />
      <LogList
        rows={buffer.rows}
        openId={openId}
        activeIndex={-1}
        onToggle={onToggle}
        onContext={onContext}
        follow={following && !paused}
        onFollow={setFollowing}
        gone={buffer.gone}
        scroller={scroller}
      />
      {(!following || paused) && (
        <Button
          kind="primary"
          icon={ArrowDown}
          className="absolute bottom-4 left-1/2 -translate-x-1/2 rounded-full"
          onClick={toEnd}
        >
          {unseen > 0 ? `${plural(unseen, 'new line')}` : 'To the newest'}
        </Button>
      )}
    </div>
  );
}

interface LiveStatusProps {
  readonly state: LiveState;
  readonly paused: boolean;
  readonly held: number;
  readonly shown: number;
}

function LiveStatus({ state, paused, held, shown }: LiveStatusProps) {
  const now = useNow();
  return (
    <p role="status" className="flex items-center gap-2 border-b border-line px-4 py-1.5 text-xs text-ink-2">
      {state.name === 'waiting' ? (
        <>
          <Dot tone="warn" />
          {`The connection was lost ${Math.round(Math.max(0, now - state.since) / 1000)} s ago; trying again${state.at > now ? ` in ${Math.ceil((state.at - now) / 1000)} s` : ''}. What is missed will be fetched.`}
        </>
      ) : state.name === 'open' ? (
        <>
          <Dot tone={paused ? 'neutral' : 'ok'} />
          {paused ? `Paused; ${plural(held, 'line')} came meanwhile` : `Live; ${whole(shown)} lines here`}
        </>
      ) : (
        <>
          <Dot tone="neutral" />
          Connecting…
        </>
      )}
    </p>
  );
}
