import uPlot from 'uplot';
import { clockTime, day } from '../lib/time.ts';
import type { ChartProps, ChartSeries } from './chart-canvas.tsx';
import type { Pointed } from './chart-tooltip.tsx';

interface Parts extends Pick<ChartProps, 'kind' | 'height' | 'group' | 'format'> {
  readonly element: HTMLElement;
  readonly series: readonly ChartSeries[];
  readonly onRange: (from: number, to: number) => void;
  readonly onPoint: (pointed: Pointed | undefined) => void;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Pixels: shorter drags are clicks. */
const LEAST_DRAG = 6;
/** Bars count: there are no half ones. */
const WHOLE_STEPS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
/** Pixels: lower charts have their labels closer together. */
const LOW = 150;
const AXIS_FONT = '11px "Geist Variable", system-ui, sans-serif';

/** The values as they are drawn: bars lie on those below them, and the tallest is drawn first, behind the others. */
export function drawn(
  times: readonly number[],
  series: readonly ChartSeries[],
  kind: ChartProps['kind'],
): uPlot.AlignedData {
  if (kind === 'lines') return [[...times], ...series.map(({ values }) => [...values])];
  const heights = times.map(() => 0);
  const stacked = series.map(({ values }) =>
    values.map((value, index) => {
      heights[index] = (heights[index] ?? 0) + (value ?? 0);
      return heights[index];
    }),
  );
  return [[...times], ...stacked.reverse()];
}

export function chartOptions({ element, kind, height, group, series, format, onRange, onPoint }: Parts): uPlot.Options {
  const colour = colourReader(element);
  const shown = kind === 'lines' ? series : series.toReversed();
  const grid = { stroke: colour('--color-line'), width: 1 };
  const axis = { stroke: colour('--color-ink-3'), font: AXIS_FONT, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height,
    ms: 1,
    legend: { show: false },
    padding: [8, 18, 0, 0],
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { show: kind === 'lines', size: 6 },
      ...(group !== undefined && { sync: { key: group } }),
    },
    scales: {
      ...(kind === 'bars' && { x: { range: (plot, from, to) => [from, to + widthOfBar(plot)] } }),
      y: { range: (_plot, low, high) => [Math.min(0, low ?? 0), ceiling(high)] },
    },
    axes: [
      {
        ...axis,
        size: 26,
        grid: { show: false },
        space: 70,
        values: (_plot, splits, _axis, _space, step) => splits.map((time) => timeLabel(time, step)),
      },
      {
        ...axis,
        size: (_plot, labels) => widthOf(labels),
        ...(kind === 'bars' && { incrs: WHOLE_STEPS }),
        grid,
        space: height < LOW ? 18 : 34,
        values: (_plot, splits) => splits.map(format),
      },
    ],
    series: [
      {},
      ...shown.map(({ label, colour: token }) => ({ label, ...(kind === 'lines' ? lineOf : barOf)(colour(token)) })),
    ],
    hooks: {
      setCursor: [
        ({ cursor: { idx, left = -1 }, bbox }) => {
          const index = idx === null || idx === undefined || left < 0 ? undefined : idx;
          const pointed = { left: left + bbox.left / devicePixelRatio, width: element.clientWidth };
          onPoint(index === undefined ? undefined : { index, ...pointed });
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width >= LEAST_DRAG) onRange(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

const NO_POINTS = { show: false };

function lineOf(stroke: string): uPlot.Series {
  return { stroke, width: 1.5, points: NO_POINTS, spanGaps: false };
}

function barOf(fill: string): uPlot.Series {
  const paths = uPlot.paths.bars?.({ size: [0.86, 60], align: 1 });
  return { fill, width: 0, points: NO_POINTS, ...(paths !== undefined && { paths }) };
}

/** Milliseconds: a bar begins at its time, and the last one needs room too. */
function widthOfBar({ data: [times] }: uPlot): number {
  const [first, second] = times;
  return first === undefined || second === undefined ? 0 : second - first;
}

/** Some room above the highest value; an empty chart has an axis all the same. */
function ceiling(high: number | null): number {
  return high === null || high <= 0 ? 1 : high * 1.06;
}

/** Pixels of the widest label. */
function widthOf(labels: readonly string[] | null): number {
  return 14 + 6.4 * Math.max(2, ...(labels ?? []).map((label) => label.length));
}

/** Midnight is a day; else a time, with seconds where steps are shorter than a minute. */
function timeLabel(time: number, stepMs: number): string {
  const at = new Date(time);
  const isMidnight = at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0;
  if (stepMs >= DAY_MS || isMidnight) return day(time);
  return stepMs < MINUTE_MS ? clockTime(time) : clockTime(time).slice(0, 5);
}

/** Canvas knows no custom properties: a token's colour in the theme of this moment, as the browser computes it. */
function colourReader(element: HTMLElement): (token: string) => string {
  const computed = getComputedStyle(element);
  return (token) => {
    element.style.color = `var(${token})`;
    const { color } = computed;
    element.style.color = '';
    return color;
  };
}
