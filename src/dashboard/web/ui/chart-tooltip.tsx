import { dayAndTime } from '../lib/time.ts';
import type { ChartProps } from './chart-canvas.tsx';

/** What the pointer is at: which of the times, and where that is in the chart. Pixels. */
export interface Pointed {
  readonly index: number;
  readonly left: number;
  readonly width: number;
}

/** Lines shown at most: the largest values. */
const MOST_LINES = 10;

interface ChartTooltipProps extends Pick<ChartProps, 'times' | 'series' | 'format'> {
  readonly pointed: Pointed;
}

/** The values at the time that the pointer is at, on the side where there is more room. */
export function ChartTooltip({ pointed: { index, left, width }, times, series, format }: ChartTooltipProps) {
  const time = times[index];
  const rows = series
    .flatMap(({ label, colour, values, format: own = format }) => {
      const value = values[index];
      return value === null || value === undefined ? [] : [{ label, colour, value, text: own(value) }];
    })
    .filter(({ value }) => series.length < 4 || value !== 0)
    .toSorted((a, b) => b.value - a.value);
  if (time === undefined) return null;
  const onLeft = left > width / 2;
  return (
    <div
      className="menu pointer-events-none absolute top-1 z-10 max-w-80 px-2.5 py-1.5 text-xs"
      style={onLeft ? { right: width - left + 14 } : { left: left + 14 }}
    >
      <p className="text-ink-3">{dayAndTime(time)}</p>
      {rows.slice(0, MOST_LINES).map(({ label, colour, text }) => (
        <p key={label} className="flex items-center gap-2">
          <span className="size-2 shrink-0 rounded-[2px]" style={{ background: `var(${colour})` }} />
          <span className="truncate">{label}</span>
          <span className="ms-auto ps-3 font-medium">{text}</span>
        </p>
      ))}
      {rows.length > MOST_LINES && <p className="text-ink-3">{`and ${rows.length - MOST_LINES} more`}</p>}
    </div>
  );
}
