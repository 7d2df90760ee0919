import { useMemo } from 'react';
import { valueAt } from '../../api/point-value.ts';
import type { Incident, Rule } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { useUnits } from '../../api/use-units.ts';
import { withUnit } from '../../lib/format.ts';
import { Chart, type ChartSeries } from '../../ui/chart.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';

const HEIGHT = 180;
const MINUTE_MS = 60_000;
/** Windows of the rule shown before it was breached, and the least time shown at all. */
const WINDOWS_BEFORE = 6;
const LEAST_MS = 60 * MINUTE_MS;
/** Points of a chart: about one for every few pixels. */
const AIM_POINTS = 120;
const STEPS = ['10s', '30s', '1m', '5m', '15m', '1h', '6h', '1d'] as const;
const STEP_MS: Readonly<Record<(typeof STEPS)[number], number>> = {
  '10s': 10_000,
  '30s': 30_000,
  '1m': MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '6h': 360 * MINUTE_MS,
  '1d': 1440 * MINUTE_MS,
};

interface MetricEvidenceProps {
  readonly incident: Incident;
  readonly rule: Extract<Rule, { condition: { metric: string } }>;
}

/** The course of the metric that a rule is about, from well before the breach, with the threshold where it is a value. */
export function MetricEvidence({ incident, rule }: MetricEvidenceProps) {
  const { service, triggeredAt, lastSeenErrorAt, windowMinutes } = incident;
  const to = Date.parse(lastSeenErrorAt) + windowMinutes * MINUTE_MS;
  const from = Math.min(to - LEAST_MS, Date.parse(triggeredAt) - WINDOWS_BEFORE * windowMinutes * MINUTE_MS);
  const { metric } = rule.condition;
  const aggregate = 'aggregate' in rule.condition ? rule.condition.aggregate : undefined;
  const fn = aggregate === undefined || aggregate === 'last' ? 'avg' : aggregate;
  const { data, error, isPending } = useApi('/api/metrics/aggregate', {
    query: {
      name: metric,
      fn,
      step: STEPS.find((step) => (to - from) / STEP_MS[step] <= AIM_POINTS) ?? '1d',
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      ...(service !== '*' && { service }),
    },
    keep: true,
  });
  const unit = useUnits([metric]).get(metric);
  // Elsewhere it is a percentage or a distance, and would be no line among the values.
  const threshold = rule.type === 'threshold' ? rule.condition.threshold : undefined;
  const points = data?.data[0]?.points ?? [];
  const times = useMemo(() => points.map(({ time }) => Date.parse(time)), [points]);
  const series = useMemo<ChartSeries[]>(() => {
    const values = points.map((point) => valueAt(point, fn));
    const course = { label: `${fn} of ${metric}`, colour: '--color-series-1', values };
    if (threshold === undefined) return [course];
    return [course, { label: 'threshold', colour: '--color-error', values: points.map(() => threshold) }];
  }, [points, fn, metric, threshold]);
  return (
    <Panel title={metric} hint={`${fn}, around the breach`}>
      <div className="px-3 pb-3">
        {error !== null ? (
          <ErrorState error={error} what="the metric" />
        ) : isPending ? (
          <Skeleton className="h-[180px]" />
        ) : points.length === 0 ? (
          <EmptyState title="No values in this time" />
        ) : (
          <Chart
            kind="lines"
            times={times}
            series={series}
            height={HEIGHT}
            format={(value) => withUnit(value, unit)}
            label={`${metric} in time`}
          />
        )}
      </div>
    </Panel>
  );
}
