import { diskOutlook } from '../../api/disk-outlook.ts';
import { figure } from '../../api/figures.ts';
import type { Stats } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { bytes, plural, whole } from '../../lib/format.ts';
import { Facts } from '../../ui/facts.tsx';
import { Panel } from '../../ui/panel.tsx';

const DAY_S = 86_400;
const KINDS = [
  { kind: 'log', title: 'Logs', setting: 'RETENTION_LOGS' },
  { kind: 'metric', title: 'Metrics', setting: 'RETENTION_METRICS' },
  { kind: 'security', title: 'Security events', setting: 'RETENTION_SECURITY' },
  { kind: 'heartbeat', title: 'Heartbeats', setting: 'RETENTION_HEARTBEATS' },
  { kind: 'span', title: 'Spans', setting: 'RETENTION_SPANS' },
  { kind: 'incident', title: 'Resolved incidents', setting: 'RETENTION_INCIDENTS' },
] as const;

/** What is kept, how much it is, and for how long. */
export function Retention({ stats }: { readonly stats: Stats }) {
  const size = figure(stats, 'store', 'bytes');
  const growth = figure(stats, 'disk', 'bytes_per_day');
  const free = figure(stats, 'disk', 'free_bytes');
  const total = figure(stats, 'disk', 'total_bytes');
  const outlook = diskOutlook(stats);
  const pending = figure(stats, 'store', 'pending');
  const resolved = useApi('/api/alerts/incidents', { query: { status: 'resolved', limit: 1 } });
  const setAside = figure(stats, 'store', 'set_aside') ?? 0;
  return (
    <div className="grid gap-4">
      <Panel title="Storage">
        <Facts
          rows={[
            size !== undefined && ['On disk', bytes(size)],
            growth !== undefined && ['Grows by', `${bytes(growth)} a day, as in the last week`],
            free !== undefined && total !== undefined && ['Free', `${bytes(free)} of ${bytes(total)}`],
            outlook !== undefined && ['Outlook', outlook],
            pending !== undefined && ['Stored, not yet loaded', plural(pending, 'event')],
            setAside > 0 && ['Set aside as unreadable', plural(setAside, 'event')],
            ['Deleted by retention', plural(figure(stats, 'retention', 'deleted_events') ?? 0, 'event')],
          ]}
        />
      </Panel>
      <Panel title="Retention" hint="changed by the settings named, in the environment">
        <div className="overflow-x-auto border-t border-line">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col" className="number">
                  Kept now
                </th>
                <th scope="col" className="number">
                  For
                </th>
              </tr>
            </thead>
            <tbody>
              {KINDS.map(({ kind, title, setting }) => {
                const count = kind === 'incident' ? resolved.data?.total : figure(stats, 'store', 'events', kind);
                const seconds = figure(stats, 'retention', 'kept_for_s', kind);
                return (
                  <tr key={kind}>
                    <td className="w-full">
                      {title}
                      <code className="block text-ink-3">{setting}</code>
                    </td>
                    <td className="number">{count === undefined ? '–' : whole(count)}</td>
                    <td className="number">{seconds === undefined ? '–' : plural(seconds / DAY_S, 'day')}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </Panel>
    </div>
  );
}
