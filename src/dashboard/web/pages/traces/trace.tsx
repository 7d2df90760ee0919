import { ScrollText, Waypoints } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link, useParams } from 'wouter';
import { useApi } from '../../api/use-api.ts';
import { plural } from '../../lib/format.ts';
import { inertLine } from '../../lib/inert.ts';
import { duration } from '../../lib/time.ts';
import { seriesColour } from '../../ui/chart.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { TraceRow } from './trace-row.tsx';
import { exactMs, waterfallOf } from './waterfall.ts';

/** One trace: its spans as a waterfall, and in it everything that was logged on the way. */
export default function TraceView() {
  const { id = '' } = useParams();
  const { data, error, isPending, refetch } = useApi('/api/traces/:trace_id', { path: { trace_id: id } });
  const [open, setOpen] = useState<number>();
  const rows = useMemo(() => (data === undefined ? [] : waterfallOf(data.data, exactMs(data.started_at))), [data]);
  if (error !== null && error.status === 404 && !error.isMissingRoute) {
    return (
      <EmptyState icon={Waypoints} title="Nothing carries this trace id">
        <code>{inertLine(id)}</code>
      </EmptyState>
    );
  }
  if (error !== null) return <ErrorState error={error} what="the trace" onRetry={() => void refetch()} />;
  if (isPending) return <SkeletonRows rows={10} />;
  const colours = new Map(data.services.map((service, index) => [service, seriesColour(index)]));
  const lasted = Math.max(data.duration_ms, 0.001);
  return (
    <div className="grid gap-4 p-4 max-sm:p-3">
      <header className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <p className="flex items-center gap-1 font-mono">
          <bdi>{inertLine(id)}</bdi>
          <CopyButton text={id} label="Copy the trace id" />
        </p>
        <p className="text-ink-2">
          <Time at={data.started_at} />
          {` · ${duration(data.duration_ms)} · ${plural(data.data.length, 'event')} of ${plural(data.services.length, 'service')}`}
        </p>
        <Link
          href={`/logs?trace_id=${encodeURIComponent(id)}&from=now-30d`}
          className="button ms-auto"
          data-size="small"
        >
          <ScrollText size={14} aria-hidden="true" />
          As logs
        </Link>
      </header>
      <Panel>
        <ul className="flex flex-wrap gap-x-4 gap-y-1 px-4 py-2.5 text-xs text-ink-2">
          {data.services.map((service) => (
            <li key={service} className="flex items-center gap-1.5">
              <span
                aria-hidden="true"
                className="size-2 rounded-[2px]"
                style={{ background: `var(${colours.get(service)})` }}
              />
              {inertLine(service)}
            </li>
          ))}
        </ul>
        <div aria-hidden="true" className="waterfall-scale">
          {[0, 0.25, 0.5, 0.75].map((share) => (
            <span key={share} style={{ left: `${share * 100}%` }}>
              {duration(lasted * share)}
            </span>
          ))}
        </div>
        <ol aria-label="Waterfall">
          {rows.map((row, index) => (
            <TraceRow
              key={`${row.item.kind} ${row.item.id}`}
              row={row}
              lasted={lasted}
              colour={colours.get(row.item.service) ?? seriesColour(0)}
              open={open === index}
              onToggle={() => setOpen(open === index ? undefined : index)}
            />
          ))}
        </ol>
      </Panel>
      {data.truncated === true && (
        <p className="text-xs text-ink-3">It has more events than are shown: these are the earliest.</p>
      )}
    </div>
  );
}
