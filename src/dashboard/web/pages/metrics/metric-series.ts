import { valueAt } from '../../api/point-value.ts';
import type { MetricAggregate } from '../../api/routes.ts';
import { withUnit } from '../../lib/format.ts';
import { type ChartSeries, seriesColour } from '../../ui/chart.tsx';
import type { MetricLine } from './metric-lines.ts';

/** Series on one chart at most: the first ones, as the API sorts them. */
const MOST_SERIES = 24;

/** The answers of all lines, over the times of all of them. */
export function seriesOf(
  lines: readonly MetricLine[],
  answers: readonly (MetricAggregate | undefined)[],
  units: ReadonlyMap<string, string>,
): { readonly times: readonly number[]; readonly series: readonly ChartSeries[] } {
  const found = lines.flatMap((line, index) =>
    (answers[index]?.data ?? []).flatMap(({ group, points }) =>
      line.fn.split(',').map((fn) => ({
        label: labelOf(line, fn, group),
        unit: unitOf(fn, units.get(line.name)),
        values: new Map(points.map((point) => [Date.parse(point.time), valueAt(point, fn)])),
      })),
    ),
  );
  const times = [...new Set(found.flatMap(({ values }) => [...values.keys()]))].sort((a, b) => a - b);
  return {
    times,
    series: found.slice(0, MOST_SERIES).map(({ label, unit, values }, index) => ({
      label,
      format: (value: number) => withUnit(value, unit),
      colour: seriesColour(index),
      values: times.map((time) => values.get(time) ?? null),
    })),
  };
}

/** Counts have none, and a rate is of a second. */
export function unitOf(fn: string, unit: string | undefined): string | undefined {
  if (fn === 'count') return undefined;
  return fn === 'rate' ? `${unit === undefined ? '' : unit}/s` : unit;
}

function labelOf(line: MetricLine, fn: string, group: Readonly<Record<string, string | null>>): string {
  const parts = Object.values(group).map((value) => value ?? '–');
  const where = parts.length > 0 ? parts.join(' · ') : line.service;
  return `${fn}(${line.name})${where === '' ? '' : ` ${where}`}`;
}
