import { useMemo } from 'react';
import type { ServiceState } from '../../../../../schemas/heartbeat.ts';
import type { TrendRange } from '../../../../../schemas/query.ts';
import type { Histogram } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { plural, short, whole } from '../../lib/format.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { Chart, type ChartSeries, seriesColour } from '../../ui/chart.tsx';
import { Legend } from '../../ui/legend.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';

const HEIGHT = 230;
const EVERY_MS = 30_000;
/** Services with a colour of their own; the others are one. */
const MOST_SERVICES = 7;

interface TrendChoice {
  readonly value: TrendRange;
  readonly label: string;
  readonly from: string;
  /** Width of a bar: wide enough to be pointed at. */
  readonly step: string;
}

const DEFAULT_RANGE: TrendChoice = { value: '24h', label: '24h', from: 'now-24h', step: '15m' };

/** The ranges of `/api/metrics/errors`. */
const RANGES: readonly TrendChoice[] = [
  { value: '1h', label: '1h', from: 'now-1h', step: '1m' },
  DEFAULT_RANGE,
  { value: '7d', label: '7d', from: 'now-7d', step: '1h' },
  { value: '30d', label: '30d', from: 'now-30d', step: '6h' },
  { value: '3m', label: '3mo', from: 'now-90d', step: '1d' },
  { value: '6m', label: '6mo', from: 'now-180d', step: '2d' },
  { value: '1y', label: '1y', from: 'now-365d', step: '7d' },
];

/** Errors in time, one colour a service. */
export function ErrorTrendPanel({ services }: { readonly services: readonly ServiceState[] }) {
  const { params, change } = useUrlState();
  const range = RANGES.find(({ value }) => value === params.trend) ?? DEFAULT_RANGE;
  const { data, error, isPending, refetch } = useApi('/api/logs/histogram', {
    query: { level: 'error,fatal', by: 'service', from: range.from, interval: range.step, service: params.service },
    everyMs: EVERY_MS,
    keep: true,
  });
  const { times, series, total } = useMemo(() => stacksOf(data), [data]);
  return (
    <Panel
      title="Errors"
      hint={data === undefined ? undefined : `${whole(total)} of the levels error and fatal`}
      actions={
        <>
          <select
            aria-label="Service"
            className="input w-auto max-w-40"
            value={params.service ?? ''}
            onChange={(event) => change({ service: event.target.value })}
          >
            <option value="">All services</option>
            {services.map(({ service }) => (
              <option key={service}>{service}</option>
            ))}
          </select>
          <Segmented label="Range" options={RANGES} value={range.value} onChange={(trend) => change({ trend })} />
        </>
      }
    >
      <div className="px-3 pb-3">
        {error !== null ? (
          <ErrorState error={error} what="the errors" onRetry={() => void refetch()} />
        ) : isPending ? (
          <Skeleton className="h-[230px]" />
        ) : total === 0 ? (
          <EmptyState title="No errors in this time">Nothing was logged as error or fatal.</EmptyState>
        ) : (
          <>
            <Chart
              kind="bars"
              times={times}
              series={series}
              height={HEIGHT}
              format={short}
              label={`${plural(total, 'error')} of ${plural(series.length, 'service')} in time`}
            />
            <Legend series={series} />
          </>
        )}
      </div>
    </Panel>
  );
}

function stacksOf(histogram: Histogram | undefined) {
  const buckets = histogram?.data ?? [];
  const sums = new Map<string, number>();
  for (const { counts } of buckets) {
    for (const [service, count] of Object.entries(counts)) sums.set(service, (sums.get(service) ?? 0) + count);
  }
  const named = [...sums]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, MOST_SERVICES)
    .map(([service]) => service);
  const series: ChartSeries[] = named.map((service, index) => ({
    label: service,
    colour: seriesColour(index),
    values: buckets.map(({ counts }) => counts[service] ?? 0),
  }));
  const others = buckets.map(
    ({ total, counts }) => total - named.reduce((sum, service) => sum + (counts[service] ?? 0), 0),
  );
  if (others.some((count) => count > 0))
    series.push({ label: 'others', colour: '--color-line-strong', values: others });
  return {
    times: buckets.map(({ time }) => Date.parse(time)),
    series,
    total: buckets.reduce((sum, bucket) => sum + bucket.total, 0),
  };
}
