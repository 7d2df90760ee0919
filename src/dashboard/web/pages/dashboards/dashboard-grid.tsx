import { Maximize2, Minimize2, Pencil } from 'lucide-react';
import { useMemo } from 'react';
import type { Dashboard } from '../../api/routes.ts';
import { useShortcuts } from '../../lib/shortcuts.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { PanelGrid } from './panel-grid.tsx';

/** A dashboard to look at. On a wall it lies over everything else of the page. */
export function DashboardGrid({ dashboard: { name, description, panels } }: { readonly dashboard: Dashboard }) {
  const { params, change } = useUrlState();
  const wall = params.wall === '1';
  const shortcuts = useMemo(() => {
    const leave = () => change({ wall: '' });
    const hang = () => change({ wall: '1' });
    return { Escape: leave, w: hang };
  }, [change]);
  useShortcuts(shortcuts);
  return (
    <div className={wall ? 'fixed inset-0 z-50 overflow-y-auto bg-canvas p-4' : 'p-4 max-sm:p-3'}>
      <header className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="me-auto min-w-0">
          <h2 className="truncate text-xl font-medium tracking-tight">{name}</h2>
          {description !== undefined && <p className="text-ink-2">{description}</p>}
        </div>
        {wall ? (
          <Button kind="ghost" icon={Minimize2} label="Leave the wall (Escape)" onClick={() => change({ wall: '' })} />
        ) : (
          <>
            <CopyButton text={location.href} label="Copy its address" />
            <Button icon={Maximize2} onClick={() => change({ wall: '1' }, { step: true })}>
              Wall
            </Button>
            <Button icon={Pencil} onClick={() => change({ edit: '1' }, { step: true })}>
              Edit
            </Button>
          </>
        )}
      </header>
      {panels.length === 0 ? (
        <EmptyState title="It has no panels yet">Edit it to add the first.</EmptyState>
      ) : (
        <PanelGrid panels={panels} />
      )}
    </div>
  );
}
