import { lazy, Suspense } from 'react';
import type { ChartProps } from './chart-canvas.tsx';
import { Skeleton } from './states.tsx';

/** Loaded when the first chart is drawn: uPlot is no part of the first load. */
const Canvas = lazy(() => import('./chart-canvas.tsx'));

export type { ChartProps, ChartSeries } from './chart-canvas.tsx';

/** Values in time, as lines or stacked bars. `onRange` makes a range that is dragged over it the page's. */
export function Chart(props: ChartProps) {
  return (
    <Suspense fallback={<Skeleton className="h-full w-full" />}>
      <Canvas {...props} />
    </Suspense>
  );
}

/** The token of the n-th series, over and over. */
export const seriesColour = (index: number): string => `--color-series-${(index % 8) + 1}`;
