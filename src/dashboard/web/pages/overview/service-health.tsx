import { Link } from 'wouter';
import type { Histogram, ServiceState } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { short, whole } from '../../lib/format.ts';
import { HEALTH_TONES } from '../../lib/tones.ts';
import { Dot } from '../../ui/badge.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';

const EVERY_MS = 30_000;
const WORST_FIRST = ['unhealthy', 'degraded', 'stale', 'healthy'] as const;

/** Every service: how it says it is, when it last said so, and what it logged in the last hour. */
export function ServiceHealth({ services }: { readonly services: readonly ServiceState[] }) {
  const hour = { by: 'service', from: 'now-1h', interval: '2m' };
  const all = useApi('/api/logs/histogram', { query: hour, everyMs: EVERY_MS, keep: true });
  const errors = useApi('/api/logs/histogram', {
    query: { ...hour, level: 'error,fatal' },
    everyMs: EVERY_MS,
    keep: true,
  });
  const heard = new Set(services.map(({ service }) => service));
  const sorted = [
    ...services.toSorted(
      (a, b) => WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status) || a.service.localeCompare(b.service),
    ),
    ...loggingIn(all.data)
      .filter((service) => !heard.has(service))
      .map((service) => ({ service })),
  ];
  return (
    <Panel title="Services" hint="logs and errors of the last hour">
      {sorted.length === 0 ? (
        <EmptyState title="No services in the last hour">
          A service that logs, or posts to <code>/ingest/heartbeat</code>, is listed here.
        </EmptyState>
      ) : (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(250px,1fr))] overflow-hidden rounded-b-lg border-t border-line">
          {sorted.map((service) => (
            <ServiceCell
              key={service.service}
              state={service}
              logs={countsOf(all.data, service.service)}
              errors={countsOf(errors.data, service.service)}
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Who logged anything in the time of a histogram. */
function loggingIn(histogram: Histogram | undefined): readonly string[] {
  return [...new Set(histogram?.data.flatMap(({ counts }) => Object.keys(counts)))].sort();
}

function countsOf(histogram: Histogram | undefined, service: string): readonly number[] {
  return histogram?.data.map(({ counts }) => counts[service] ?? 0) ?? [];
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

interface ServiceCellProps {
  /** Only its name for who sends no heartbeats. */
  readonly state: Pick<ServiceState, 'service'> & Partial<ServiceState>;
  readonly logs: readonly number[];
  readonly errors: readonly number[];
}

function ServiceCell({ state: { service, status, last_seen }, logs, errors }: ServiceCellProps) {
  const failed = sum(errors);
  return (
    <li className="-me-px -mb-px border-e border-b border-line">
      <Link href={`/logs?service=${encodeURIComponent(service)}`} className="grid gap-1.5 px-4 py-3 hover:bg-hover">
        <span className="flex items-center gap-2">
          <Dot tone={status === undefined ? 'neutral' : HEALTH_TONES[status]} />
          <span className="truncate font-medium">{service}</span>
          <span className="ms-auto text-xs text-ink-3">{status ?? 'no heartbeats'}</span>
        </span>
        <span className="flex items-end justify-between gap-3">
          <Sparkline values={logs} width={132} label={`${whole(sum(logs))} logs in the last hour`} />
          <Sparkline
            values={errors}
            width={72}
            colour={failed > 0 ? '--color-error' : '--color-ink-3'}
            label={`${whole(failed)} errors in the last hour`}
          />
        </span>
        <span className="flex justify-between gap-3 text-xs text-ink-3">
          <span>
            {`${short(sum(logs))} logs`}
            {last_seen !== undefined && (
              <>
                {' · '}
                <Ago at={last_seen} />
              </>
            )}
          </span>
          <span
            className={failed > 0 ? 'text-error' : ''}
          >{`${short(failed)} ${failed === 1 ? 'error' : 'errors'}`}</span>
        </span>
      </Link>
    </li>
  );
}
