import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useIsDark } from '../lib/theme.ts';
import { chartOptions, drawn } from './chart-options.ts';
import { ChartTooltip, type Pointed } from './chart-tooltip.tsx';

export interface ChartSeries {
  readonly label: string;
  /** A colour token, such as `--color-error`. */
  readonly colour: string;
  /** As many as there are times; null where there is none. */
  readonly values: readonly (number | null)[];
  /** How its own values are written, where series of a chart differ in that. */
  readonly format?: (value: number) => string;
}

export interface ChartProps {
  /** Milliseconds since the epoch, ascending. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly kind: 'lines' | 'bars';
  /** Pixels. */
  readonly height: number;
  /** What it shows, for whoever cannot see it. */
  readonly label: string;
  readonly format: (value: number) => string;
  /** Called with the ends of a range that was dragged over it. */
  readonly onRange?: (from: number, to: number) => void;
  /** Charts of one group point at the same time. */
  readonly group?: string;
}

type Shape = Pick<ChartProps, 'kind' | 'height' | 'group'>;

/** The canvas of a chart. It is made anew when what it shows is of another shape, and else given the new values. */
export default function ChartCanvas({ times, series, kind, height, label, format, onRange, group }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [pointed, setPointed] = useState<Pointed>();
  const isDark = useIsDark();
  // A text, so that equal shapes are the same.
  const shape = JSON.stringify({
    kind,
    height,
    group,
    isDark,
    series: series.map(({ label, colour }) => [label, colour]),
  });
  const latest = useRef({ times, series, format, onRange });
  latest.current = { times, series, format, onRange };

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const { kind, height, group } = JSON.parse(shape) as Shape;
    const made = new uPlot(
      chartOptions({
        element,
        kind,
        height,
        group,
        series: latest.current.series,
        format: (value) => latest.current.format(value),
        onRange: (from, to) => latest.current.onRange?.(from, to),
        onPoint: setPointed,
      }),
      drawn(latest.current.times, latest.current.series, kind),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [shape]);

  const data = useMemo(() => drawn(times, series, kind), [times, series, kind]);
  useEffect(() => plot.current?.setData(data), [data]);

  return (
    <div className="relative" role="img" aria-label={label}>
      <div ref={box} className={onRange === undefined ? 'chart' : 'chart chart-dragged'} style={{ height }} />
      {pointed !== undefined && <ChartTooltip pointed={pointed} times={times} series={series} format={format} />}
    </div>
  );
}
