import type { Stats } from '../../api/routes.ts';
import { whole } from '../../lib/format.ts';
import { Panel } from '../../ui/panel.tsx';

/** Everything that `/stats` says of this replica, as it says it. */
export function Figures({ stats }: { readonly stats: Stats }) {
  const sections = Object.entries(stats).filter(([, value]) => typeof value === 'object' && !Array.isArray(value));
  return (
    <div className="grid gap-4">
      {sections.map(([name, value]) => (
        <Panel key={name} title={name}>
          <div className="overflow-x-auto border-t border-line">
            <table className="table">
              <tbody>
                {leavesOf(value).map(([path, text]) => (
                  <tr key={path}>
                    <th scope="row">
                      <code>{path}</code>
                    </th>
                    <td className="number">{text}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Panel>
      ))}
      <p className="text-ink-2">
        Prometheus reads the same at <code>/metrics</code>.
      </p>
    </div>
  );
}

function leavesOf(value: unknown, above = ''): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[above, textOf(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, above === '' ? key : `${above}.${key}`));
}

function textOf(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? whole(value) : String(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
