import { useApi } from '../../api/use-api.ts';
import { measured, percent, short } from '../../lib/format.ts';
import { duration } from '../../lib/time.ts';
import { ErrorState, Skeleton } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';

/** Metrics listed at most. */
const MOST_METRICS = 12;

/** What a service did in the last hour. */
export function ServicePanel({ service }: { readonly service: string }) {
  const { data, error, isPending } = useApi('/api/services/:service', { path: { service } });
  if (error !== null) return <ErrorState error={error} what="what it did" />;
  if (isPending) return <Skeleton className="h-16" />;
  const { logs, security, spans, metrics, hosts, versions } = data;
  const figures: readonly (readonly [string, string, string])[] = [
    ['Logs', short(logs.total), `${percent(logs.error_share)} of them errors`],
    ['Security events', short(security.total), ''],
    ['Spans', short(spans.total), `${short(spans.errors)} failed`],
    [
      'Median span',
      spans.p50_ms === null ? '–' : duration(spans.p50_ms),
      spans.p95_ms === null ? '' : `95 % within ${duration(spans.p95_ms)}`,
    ],
  ];
  return (
    <div className="grid gap-3 py-1">
      <p className="text-xs text-ink-3">
        In the last hour · versions {versions.join(', ') || '–'} · hosts {hosts.join(', ') || '–'}
      </p>
      <dl className="flex flex-wrap gap-x-10 gap-y-2">
        {figures.map(([name, value, hint]) => (
          <div key={name}>
            <dt className="text-xs text-ink-3">{name}</dt>
            <dd>
              <span className="text-lg font-medium">{value}</span> <span className="text-xs text-ink-3">{hint}</span>
            </dd>
          </div>
        ))}
      </dl>
      {metrics.length > 0 && (
        <dl className="grid grid-cols-[repeat(auto-fill,minmax(210px,1fr))] gap-x-6 text-xs">
          {metrics.slice(0, MOST_METRICS).map(({ name, last, timestamp }) => (
            <div key={name} className="flex items-baseline justify-between gap-2 border-b border-line py-1">
              <dt className="truncate font-mono">{name}</dt>
              <dd>
                {measured(last)}{' '}
                <span className="text-ink-3">
                  <Ago at={timestamp} />
                </span>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
