import { Activity } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import { Link } from 'wouter';
import type { ServiceState } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { plural } from '../../lib/format.ts';
import { HEALTH_TONES } from '../../lib/tones.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { useRows } from '../../lib/use-rows.ts';
import { Badge, Dot } from '../../ui/badge.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { ServicePanel } from './service-panel.tsx';

const EVERY_MS = 5_000;
const STATES = [
  { value: '', label: 'All' },
  { value: 'unhealthy', label: 'Unhealthy' },
  { value: 'degraded', label: 'Degraded' },
  { value: 'stale', label: 'Stale' },
  { value: 'healthy', label: 'Healthy' },
] as const;

/** Who sends heartbeats: how they are, since when, in which versions and on which hosts. */
export default function Services() {
  const { params, change } = useUrlState();
  const { data, error, isPending, refetch } = useApi('/api/services', { query: { limit: 500 }, everyMs: EVERY_MS });
  const status = STATES.find(({ value }) => value === params.status)?.value ?? '';
  const shown = useMemo(
    () => data?.data.filter((service) => status === '' || service.status === status) ?? [],
    [data, status],
  );
  const keys = useMemo(() => shown.map(({ service }) => service), [shown]);
  const open = useCallback(
    (service: string) => change({ show: service === params.show ? undefined : service }),
    [change, params.show],
  );
  const active = useRows(keys, open);
  const counts = (state: ServiceState['status']) =>
    data?.data.filter((service) => service.status === state).length ?? 0;

  if (error !== null) return <ErrorState error={error} what="the services" onRetry={() => void refetch()} />;
  if (isPending) return <SkeletonRows rows={8} />;
  if (data.data.length === 0) {
    return (
      <EmptyState icon={Activity} title="No heartbeats yet">
        A service that posts to <code>/ingest/heartbeat</code> is listed here, and is stale when it was silent for 90
        seconds.
      </EmptyState>
    );
  }
  return (
    <div className="grid gap-3 p-4 max-sm:p-3">
      <div className="flex flex-wrap items-center gap-3">
        <div className="max-w-full overflow-x-auto">
          <Segmented
            label="Status"
            value={status}
            onChange={(next) => change({ status: next })}
            options={STATES.map(({ value, label }) => ({
              value,
              label: value === '' ? `${label} ${data.data.length}` : `${label} ${counts(value)}`,
            }))}
          />
        </div>
        <p className="text-xs text-ink-3">Stale: silent for more than 90 seconds</p>
      </div>
      <div className="panel overflow-x-auto">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Service</th>
              <th scope="col">Status</th>
              <th scope="col">Last heartbeat</th>
              <th scope="col" className="max-md:hidden">
                Versions
              </th>
              <th scope="col" className="max-md:hidden">
                Hosts
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((service, index) => (
              <ServiceRow
                key={service.service}
                state={service}
                active={index === active}
                open={params.show === service.service}
                onOpen={open}
              />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <EmptyState title={`No service is ${status}`} />}
      </div>
    </div>
  );
}

interface ServiceRowProps {
  readonly state: ServiceState;
  readonly active: boolean;
  readonly open: boolean;
  readonly onOpen: (service: string) => void;
}

function ServiceRow({ state: { service, status, last_seen, versions, hosts }, active, open, onOpen }: ServiceRowProps) {
  return (
    <>
      <tr data-active={active ? '' : undefined} className="hover:bg-hover">
        <td>
          <button
            type="button"
            aria-expanded={open}
            className="flex items-center gap-2 text-start font-medium hover:underline"
            onClick={() => onOpen(service)}
          >
            <Dot tone={HEALTH_TONES[status]} />
            {service}
          </button>
        </td>
        <td>
          <Badge tone={HEALTH_TONES[status]}>{status}</Badge>
        </td>
        <td>
          <Ago at={last_seen} />
        </td>
        <td className="font-mono text-xs max-md:hidden">{versions.join(', ') || '–'}</td>
        <td className="text-ink-2 max-md:hidden" title={hosts.join(', ')}>
          {hosts.length > 3 ? plural(hosts.length, 'host') : hosts.join(', ') || '–'}
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={5} className="bg-sunken">
            <ServicePanel service={service} />
            <p className="mt-2 flex gap-4">
              <Link href={`/logs?service=${encodeURIComponent(service)}`} className="link">
                Its logs
              </Link>
              <Link href={`/logs?service=${encodeURIComponent(service)}&min_level=error`} className="link">
                Its errors
              </Link>
              <Link href={`/security?service=${encodeURIComponent(service)}`} className="link">
                Its security events
              </Link>
            </p>
          </td>
        </tr>
      )}
    </>
  );
}
