import { useMemo } from 'react';
import { useApi } from '../../api/use-api.ts';
import { plural, short } from '../../lib/format.ts';
import { LEVEL_COLOURS, LEVELS } from '../../lib/tones.ts';
import type { UrlParams } from '../../lib/url-state.ts';
import { Chart } from '../../ui/chart.tsx';
import { ErrorState, Skeleton } from '../../ui/states.tsx';
import { queryOf } from './log-query.ts';

const HEIGHT = 104;

interface LogHistogramProps {
  readonly params: UrlParams;
  readonly onRange: (from: number, to: number) => void;
}

/** How many logs match, in time, by level. A range that is dragged over it becomes the page's. */
export function LogHistogram({ params, onRange }: LogHistogramProps) {
  const { data, error, isPending } = useApi('/api/logs/histogram', { query: queryOf(params), keep: true });
  const buckets = data?.data;
  const times = useMemo(() => buckets?.map(({ time }) => Date.parse(time)) ?? [], [buckets]);
  const series = useMemo(
    () =>
      LEVELS.map((level) => ({
        label: level,
        colour: LEVEL_COLOURS[level],
        values: buckets?.map(({ counts }) => counts[level] ?? 0) ?? [],
      })),
    [buckets],
  );
  if (error !== null) return <ErrorState error={error} what="the counts in time" />;
  if (isPending) return <Skeleton className="m-2 h-[104px]" />;
  const total = buckets?.reduce((sum, bucket) => sum + bucket.total, 0) ?? 0;
  return (
    <Chart
      kind="bars"
      times={times}
      series={series}
      height={HEIGHT}
      format={short}
      onRange={onRange}
      label={`${plural(total, 'log')} in time, by level. Each bar is ${data?.interval ?? ''}.`}
    />
  );
}
