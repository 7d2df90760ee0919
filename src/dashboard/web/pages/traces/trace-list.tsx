import { Link } from 'wouter';
import type { TraceSummary } from '../../api/routes.ts';
import { plural } from '../../lib/format.ts';
import { inertLine } from '../../lib/inert.ts';
import { duration } from '../../lib/time.ts';
import { Time } from '../../ui/time.tsx';

/** Traces, each with its root, how long it took beside the others, and what failed in it. */
export function TraceList({ traces }: { readonly traces: readonly TraceSummary[] }) {
  const longest = Math.max(...traces.map(({ duration_ms }) => duration_ms), 0.001);
  return (
    <ul className="border-t border-line">
      {traces.map((trace) => (
        <Entry key={trace.trace_id} trace={trace} longest={longest} />
      ))}
    </ul>
  );
}

function Entry({ trace, longest }: { readonly trace: TraceSummary; readonly longest: number }) {
  const { trace_id, name, service, started_at, duration_ms, spans, errors, services } = trace;
  return (
    <li className="border-b border-line last:border-b-0">
      <Link
        href={`/traces/${encodeURIComponent(trace_id)}`}
        className="grid grid-cols-[116px_minmax(0,1fr)_190px_76px_76px] items-center gap-x-4 px-4 py-2 hover:bg-hover max-md:grid-cols-[minmax(0,1fr)_auto] max-md:gap-y-0.5"
      >
        <span className="text-ink-3 max-md:order-3 max-md:text-xs">
          <Time at={started_at} />
        </span>
        <span className="min-w-0">
          <bdi className="block truncate font-medium">{inertLine(name)}</bdi>
          <span className="block truncate text-xs text-ink-3">
            {inertLine([service, ...services.filter((other) => other !== service)].join(', '))}
          </span>
        </span>
        <span className="flex items-center justify-end gap-2.5 max-md:order-2">
          <span aria-hidden="true" className="flex h-1.5 w-24 overflow-hidden rounded-full bg-sunken max-md:hidden">
            <span
              className={errors > 0 ? 'bg-error' : 'bg-accent'}
              style={{ width: `${(duration_ms / longest) * 100}%` }}
            />
          </span>
          <span className="w-16 text-end font-medium whitespace-nowrap max-md:w-auto">{duration(duration_ms)}</span>
        </span>
        <span className="text-end text-xs whitespace-nowrap text-ink-3 max-md:hidden">{plural(spans, 'span')}</span>
        <span className="text-end text-xs whitespace-nowrap text-error max-md:order-4">
          {errors > 0 && `${errors} failed`}
        </span>
      </Link>
    </li>
  );
}
