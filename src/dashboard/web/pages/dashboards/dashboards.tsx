import { LayoutGrid, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { addressOf } from '../../api/client.ts';
import type { Dashboard } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { useSend } from '../../api/use-send.ts';
import { plural } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { STARTING_PANELS } from './panel-kinds.ts';

/** Every dashboard there is; a new one starts with a few panels that any server can fill. */
export default function Dashboards() {
  const [, navigate] = useLocation();
  const { data, error, refetch } = useApi('/api/dashboards', { query: { limit: 500 } });
  const [doomed, setDoomed] = useState<Dashboard>();
  const make = useSend<Dashboard>();
  const remove = useSend();
  const begin = () =>
    make.mutate(
      { method: 'POST', address: '/api/dashboards', body: { name: 'New dashboard', panels: STARTING_PANELS } },
      { onSuccess: ({ id }) => navigate(`/dashboards/${encodeURIComponent(id)}?edit=1`) },
    );
  return (
    <div className="grid gap-4 p-4 max-sm:p-3">
      <Panel
        title="Dashboards"
        actions={
          <Button kind="primary" icon={Plus} disabled={make.isPending} onClick={begin}>
            New dashboard
          </Button>
        }
      >
        {error !== null ? (
          <ErrorState error={error} what="the dashboards" onRetry={() => void refetch()} />
        ) : data === undefined ? (
          <SkeletonRows />
        ) : data.data.length === 0 ? (
          <EmptyState icon={LayoutGrid} title="No dashboards yet">
            A dashboard is panels of saved questions on a grid, for everyone who may read: on a desk, or on a wall.
          </EmptyState>
        ) : (
          <ul className="border-t border-line">
            {data.data.map((dashboard) => (
              <li key={dashboard.id} className="flex items-center gap-3 border-b border-line pe-3 last:border-b-0">
                <Link
                  href={`/dashboards/${encodeURIComponent(dashboard.id)}`}
                  className="min-w-0 flex-1 px-4 py-2.5 hover:bg-hover"
                >
                  <span className="block truncate font-medium">{dashboard.name}</span>
                  <span className="block truncate text-xs text-ink-3">
                    {`${plural(dashboard.panels.length, 'panel')} · changed `}
                    <Ago at={dashboard.updated_at} />
                  </span>
                </Link>
                <Button
                  kind="ghost"
                  size="small"
                  icon={Trash2}
                  label={`Delete ${dashboard.name}`}
                  onClick={() => setDoomed(dashboard)}
                />
              </li>
            ))}
          </ul>
        )}
      </Panel>
      {doomed !== undefined && (
        <Confirm
          title={`Delete ${doomed.name}?`}
          action="Delete the dashboard"
          busy={remove.isPending}
          onClose={() => setDoomed(undefined)}
          onConfirm={() =>
            remove.mutate(
              {
                method: 'DELETE',
                address: addressOf('/api/dashboards/:id', { path: { id: doomed.id } }),
                done: 'Deleted',
              },
              { onSuccess: () => setDoomed(undefined) },
            )
          }
        >
          It is gone for everyone. The events that it shows stay.
        </Confirm>
      )}
    </div>
  );
}
