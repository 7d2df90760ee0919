import { ListFilter, Pause, Play, Radio } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { StoredLog } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { useShortcuts } from '../../lib/shortcuts.ts';
import { type UrlParams, useUrlState } from '../../lib/url-state.ts';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ContextDialog } from './context-dialog.tsx';
import { ExportMenu } from './export-menu.tsx';
import { FacetList } from './facet-list.tsx';
import { FoundLogs } from './found-logs.tsx';
import { LiveLogs } from './live-logs.tsx';
import { LogHistogram } from './log-histogram.tsx';
import { queryOf } from './log-query.ts';
import { PatternList } from './pattern-list.tsx';
import { SavedSearches } from './saved-searches.tsx';
import { SearchBar } from './search-bar.tsx';

const VIEWS = [
  { value: 'lines', label: 'Lines' },
  { value: 'patterns', label: 'Patterns' },
] as const;
const FACET_FIELDS = 'service,level,host';

/** The logs: found by words and fields, as lines, as patterns, or live. */
export default function Logs() {
  const { params, change } = useUrlState();
  const [context, setContext] = useState<StoredLog>();
  const [facetsOpen, setFacetsOpen] = useState(false);
  const [paused, setPaused] = useState(false);
  const focusSearch = useRef(() => {});
  const live = params.live === '1';
  const patterns = params.view === 'patterns' && !live;
  const onSearchReady = useCallback((focus: () => void) => {
    focusSearch.current = focus;
  }, []);
  const onChange = useCallback((changes: UrlParams) => change(changes, { step: true }), [change]);
  const setLive = useCallback(
    (on: boolean) => {
      setPaused(false);
      change({ live: on ? '1' : undefined, view: undefined }, { step: true });
    },
    [change],
  );

  const facets = useApi('/api/logs/facets', { query: { ...queryOf(params), fields: FACET_FIELDS }, keep: true });
  const shortcuts = useMemo(
    () => ({
      '/': () => focusSearch.current(),
      t: () => setLive(!live),
      p: () => setPaused((is) => !is),
    }),
    [live, setLive],
  );
  useShortcuts(shortcuts);

  return (
    <div className="flex h-[calc(100dvh-48px)] flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2.5 max-sm:px-3">
        <SearchBar params={params} facets={facets.data} onChange={onChange} onReady={onSearchReady} />
        <div className="flex flex-wrap items-center gap-1.5">
          <Button
            kind="ghost"
            icon={ListFilter}
            label="Fields"
            className="lg:hidden"
            aria-pressed={facetsOpen}
            onClick={() => setFacetsOpen(!facetsOpen)}
          />
          {!live && (
            <Segmented
              label="Show"
              options={VIEWS}
              value={patterns ? 'patterns' : 'lines'}
              onChange={(view) => onChange({ view: view === 'lines' ? undefined : view })}
            />
          )}
          {live && (
            <Button icon={paused ? Play : Pause} onClick={() => setPaused(!paused)}>
              {paused ? 'Go on' : 'Pause'}
            </Button>
          )}
          <Button icon={Radio} aria-pressed={live} onClick={() => setLive(!live)}>
            Live
          </Button>
          <SavedSearches params={params} onChange={onChange} />
          <ExportMenu params={params} />
        </div>
      </div>
      <div className="relative flex min-h-0 flex-1">
        <aside
          aria-label="Fields"
          className={`w-56 shrink-0 overflow-y-auto border-e border-line ${facetsOpen ? 'max-lg:absolute max-lg:inset-y-0 max-lg:start-0 max-lg:z-20 max-lg:w-64 max-lg:bg-surface max-lg:shadow-float' : 'max-lg:hidden'}`}
        >
          {facets.data !== undefined && <FacetList facets={facets.data} params={params} onChange={onChange} />}
          {facets.error !== null && (
            <p className="p-4 text-xs text-ink-3">{`Fields cannot be counted: ${facets.error.isMissingRoute ? 'this server does not offer it' : facets.error.message}.`}</p>
          )}
        </aside>
        <div className="flex min-w-0 flex-1 flex-col">
          {!live && (
            <div className="border-b border-line px-2 pt-1">
              <LogHistogram
                params={params}
                onRange={(from, to) => onChange({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })}
              />
            </div>
          )}
          {live ? (
            <LiveLogs params={params} paused={paused} onPause={setPaused} onContext={setContext} />
          ) : patterns ? (
            <PatternList params={params} onChange={onChange} />
          ) : (
            <FoundLogs params={params} onContext={setContext} />
          )}
        </div>
      </div>
      {context !== undefined && <ContextDialog log={context} onClose={() => setContext(undefined)} />}
    </div>
  );
}
