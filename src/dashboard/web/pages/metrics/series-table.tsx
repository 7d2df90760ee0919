import { measured } from '../../lib/format.ts';
import type { ChartSeries } from '../../ui/chart.tsx';

/** What the lines of a chart are, in numbers: also for whoever cannot see them. */
export function SeriesTable({ series }: { readonly series: readonly ChartSeries[] }) {
  return (
    <div className="overflow-x-auto">
      <table className="table mt-2 border-t border-line">
        <thead>
          <tr>
            <th scope="col">Series</th>
            <th scope="col" className="number max-sm:hidden">
              Min
            </th>
            <th scope="col" className="number">
              Mean
            </th>
            <th scope="col" className="number max-sm:hidden">
              Max
            </th>
            <th scope="col" className="number">
              Last
            </th>
          </tr>
        </thead>
        <tbody>
          {series.map(({ label, colour, values, format = measured }) => {
            const known = values.filter((value) => value !== null);
            const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
            return (
              <tr key={label}>
                <td className="w-full">
                  <span className="flex items-center gap-2">
                    <span
                      aria-hidden="true"
                      className="size-2 shrink-0 rounded-[2px]"
                      style={{ background: `var(${colour})` }}
                    />
                    {label}
                  </span>
                </td>
                <td className="number max-sm:hidden">{format(Math.min(...known))}</td>
                <td className="number">{format(mean)}</td>
                <td className="number max-sm:hidden">{format(Math.max(...known))}</td>
                <td className="number">{format(known.at(-1) ?? 0)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
