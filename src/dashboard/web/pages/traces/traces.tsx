import { Waypoints } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { plural } from '../../lib/format.ts';
import { inertLine } from '../../lib/inert.ts';
import { LEVEL_TEXT } from '../../lib/tones.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { useRange } from '../../shell/range.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { MOST_READ, type TraceSummary, useNewestTraces } from './use-newest-traces.ts';

const LEVELS = [
  { value: '', label: 'All' },
  { value: 'warn', label: 'With warnings' },
  { value: 'error', label: 'With errors' },
] as const;

/** Finds a trace: by its id, or among those that logs of this time carry. */
export default function Traces() {
  const { params, change } = useUrlState();
  const { range } = useRange();
  const [, navigate] = useLocation();
  const [id, setId] = useState('');
  const level = LEVELS.find(({ value }) => value === params.min_level)?.value ?? '';
  const { data, error, isPending, refetch } = useNewestTraces({ ...range, service: params.service, min_level: level });
  const open = (event: FormEvent) => {
    event.preventDefault();
    if (id.trim() !== '') navigate(`/traces/${encodeURIComponent(id.trim())}`);
  };
  return (
    <div className="grid gap-4 p-4 max-sm:p-3">
      <form onSubmit={open} className="flex max-w-2xl gap-2">
        <input
          aria-label="Trace id"
          className="input font-mono"
          placeholder="A trace id"
          value={id}
          onChange={(event) => setId(event.target.value)}
        />
        <Button type="submit" disabled={id.trim() === ''}>
          Open
        </Button>
      </form>
      <Panel
        title="Newest traces"
        hint={
          data === undefined
            ? undefined
            : `in the ${data.read >= MOST_READ ? 'newest ' : ''}${plural(data.read, 'log')} of this time`
        }
        actions={
          <Segmented label="Which" options={LEVELS} value={level} onChange={(min_level) => change({ min_level })} />
        }
      >
        {error !== null ? (
          <ErrorState error={error} what="the traces" onRetry={() => void refetch()} />
        ) : isPending ? (
          <SkeletonRows rows={8} />
        ) : data.traces.length === 0 ? (
          <EmptyState icon={Waypoints} title="No traces in these logs">
            Events that carry the same <code>trace_id</code> are shown together here.
          </EmptyState>
        ) : (
          <ul className="border-t border-line">
            {data.traces.map((trace) => (
              <TraceEntry key={trace.id} trace={trace} />
            ))}
          </ul>
        )}
      </Panel>
    </div>
  );
}

function TraceEntry({ trace: { id, newest, services, worst, lines } }: { readonly trace: TraceSummary }) {
  return (
    <li className="border-b border-line last:border-b-0">
      <Link
        href={`/traces/${encodeURIComponent(id)}`}
        className="grid grid-cols-[112px_150px_52px_minmax(0,1fr)_auto] items-baseline gap-x-3 px-4 py-2 hover:bg-hover max-md:grid-cols-[auto_minmax(0,1fr)_auto]"
      >
        <span className="text-ink-3">
          <Time at={newest.timestamp} />
        </span>
        <span className="truncate font-medium">{inertLine(services.join(', '))}</span>
        <span className={`text-xs font-medium uppercase ${LEVEL_TEXT[worst]}`}>{worst}</span>
        <span className="min-w-0 max-md:col-span-3">
          <bdi className="block truncate font-mono text-xs">{inertLine(newest.message)}</bdi>
          <span className="block truncate font-mono text-2xs text-ink-3">{inertLine(id)}</span>
        </span>
        <span className="text-xs whitespace-nowrap text-ink-3 max-md:hidden">{plural(lines, 'line')}</span>
      </Link>
    </li>
  );
}
