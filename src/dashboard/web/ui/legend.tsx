import type { ChartSeries } from './chart.tsx';

/** Pixels of a legend of one line, for whoever has to make room for it. */
export const LEGEND_HEIGHT = 26;

/** Which colour is what, for who cannot point at the chart. */
export function Legend({ series }: { readonly series: readonly ChartSeries[] }) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 px-2 pt-1.5 text-xs text-ink-2">
      {series.map(({ label, colour }) => (
        <li key={label} className="flex items-center gap-1.5">
          <span aria-hidden="true" className="size-2 rounded-[2px]" style={{ background: `var(${colour})` }} />
          {label}
        </li>
      ))}
    </ul>
  );
}
