import { useQueries } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { get } from '../../api/client.ts';
import type { MetricAggregate } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { useUnits } from '../../api/use-units.ts';
import { withUnit } from '../../lib/format.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { useRange } from '../../shell/range.ts';
import { Button } from '../../ui/button.tsx';
import { Chart } from '../../ui/chart.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { LineEditor } from './line-editor.tsx';
import { type MetricLine, MOST_LINES, readLines, STEPS, writeLines } from './metric-lines.ts';
import { seriesOf, unitOf } from './metric-series.ts';
import { SeriesTable } from './series-table.tsx';

const HEIGHT = 340;

/** Metrics in time: several on one chart, each by a function of its own, split by what tells them apart. */
export default function Metrics() {
  const { params, change } = useUrlState();
  const { range, setRange } = useRange();
  const names = useApi('/api/metrics/names', { query: { ...range } });
  const sources = useApi('/api/metrics/sources', { query: { ...range } });
  const lines = useMemo(() => readLines(params.m), [params.m]);
  const setLines = (next: readonly MetricLine[]) => change({ m: writeLines(next) }, { step: true });
  const first = names.data?.data[0];

  // Nothing chosen: the first metric there is, so that there is something to begin with.
  useEffect(() => {
    if (params.m === undefined && first !== undefined)
      change({ m: writeLines([{ name: first, fn: 'avg', by: '', service: '' }]) });
  }, [params.m, first, change]);

  const answers = useQueries({
    queries: lines.map((line) => ({
      queryKey: ['/api/metrics/aggregate', line, range, params.step],
      queryFn: ({ signal }: { signal: AbortSignal }): Promise<MetricAggregate> =>
        get('/api/metrics/aggregate', {
          query: {
            name: line.name,
            fn: line.fn,
            group_by: line.by,
            service: line.service,
            step: params.step,
            ...range,
          },
          signal,
        }),
      enabled: line.name !== '',
    })),
  });
  const units = useUnits(lines.map(({ name }) => name));
  const data = answers.map(({ data }) => data);
  const error: ApiError | undefined = answers.find(({ error }) => error !== null)?.error ?? undefined;
  const loading = answers.some(({ isLoading }) => isLoading);
  const { times, series } = seriesOf(lines, data, units);
  const ofAll = new Set(lines.flatMap(({ name, fn }) => fn.split(',').map((each) => unitOf(each, units.get(name)))));
  const common = ofAll.size === 1 ? [...ofAll][0] : undefined;
  // A line is its place: a change of what it says must not take the cursor out of it.
  const keys = lines.map((_, index) => `line-${index}`);
  const estimated = data.some((answer) => answer?.exact === false);

  if (names.error !== null)
    return <ErrorState error={names.error} what="the metrics" onRetry={() => void names.refetch()} />;
  if (names.isPending) return <SkeletonRows rows={10} />;
  if (names.data.data.length === 0 && lines.length === 0) {
    return (
      <EmptyState title="No metrics in this time">
        Send some to <code>/ingest/metrics</code>, start the agent on a host, or choose a longer range.
      </EmptyState>
    );
  }
  return (
    <div className="grid gap-4 p-4 max-sm:p-3">
      <Panel
        title="Metrics"
        actions={
          <label className="flex items-center gap-2 text-xs text-ink-2">
            Step
            <select
              className="input w-auto"
              value={params.step ?? ''}
              onChange={(event) => change({ step: event.target.value }, { step: true })}
            >
              {STEPS.map((step) => (
                <option key={step} value={step}>
                  {step === '' ? 'as fits' : step}
                </option>
              ))}
            </select>
          </label>
        }
      >
        <div className="grid gap-2 border-t border-line p-3">
          {lines.map((line, index) => (
            <LineEditor
              key={keys[index]}
              index={index}
              line={line}
              names={names.data.data}
              services={sources.data?.data ?? []}
              onChange={(next) =>
                setLines(next === undefined ? lines.toSpliced(index, 1) : lines.toSpliced(index, 1, next))
              }
            />
          ))}
          {lines.length < MOST_LINES && (
            <div>
              <Button
                kind="ghost"
                size="small"
                icon={Plus}
                onClick={() => setLines([...lines, { name: first ?? '', fn: 'avg', by: '', service: '' }])}
              >
                Add a metric
              </Button>
            </div>
          )}
        </div>
      </Panel>
      <Panel title="In time" hint={estimated ? 'percentiles are estimates over this range' : undefined}>
        {error !== undefined ? (
          <ErrorState error={error} what="these values" />
        ) : loading && series.length === 0 ? (
          <SkeletonRows rows={8} />
        ) : series.length === 0 ? (
          <EmptyState title="No values in this time">Choose a longer range, or another metric.</EmptyState>
        ) : (
          <>
            <div className="px-3">
              <Chart
                kind="lines"
                times={times}
                series={series}
                height={HEIGHT}
                format={(value) => withUnit(value, common)}
                onRange={(from, to) => setRange({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })}
                label={`${series.map(({ label }) => label).join(', ')} in time`}
              />
            </div>
            <SeriesTable series={series} />
          </>
        )}
      </Panel>
    </div>
  );
}
