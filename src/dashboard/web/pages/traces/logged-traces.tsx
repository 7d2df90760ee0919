import { Waypoints } from 'lucide-react';
import { Link } from 'wouter';
import type { Query } from '../../api/client.ts';
import { plural } from '../../lib/format.ts';
import { inertLine } from '../../lib/inert.ts';
import { LEVEL_TEXT } from '../../lib/tones.ts';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { type LoggedTrace, MOST_READ, useLoggedTraces } from './use-logged-traces.ts';

/** Traces that logs carry: all there is where nobody sends spans. */
export function LoggedTraces({ query }: { readonly query: Query }) {
  const { data, error, isPending, refetch } = useLoggedTraces(query);
  return (
    <Panel
      title="Traces of the logs"
      hint={
        data === undefined
          ? undefined
          : `no span matches; in the ${data.read >= MOST_READ ? 'newest ' : ''}${plural(data.read, 'log')} of this time`
      }
    >
      {error !== null ? (
        <ErrorState error={error} what="the traces" onRetry={() => void refetch()} />
      ) : isPending ? (
        <SkeletonRows rows={8} />
      ) : data.traces.length === 0 ? (
        <EmptyState icon={Waypoints} title="No traces in this time">
          Spans, and events that carry the same <code>trace_id</code>, are shown together here.
        </EmptyState>
      ) : (
        <ul className="border-t border-line">
          {data.traces.map((trace) => (
            <Entry key={trace.id} trace={trace} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Entry({ trace: { id, newest, services, worst, lines } }: { readonly trace: LoggedTrace }) {
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
