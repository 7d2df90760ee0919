import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { addressOf } from '../../api/client.ts';
import type { Dashboard } from '../../api/routes.ts';
import { useSend } from '../../api/use-send.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { Button } from '../../ui/button.tsx';
import { faultOf, TextField } from '../../ui/field.tsx';
import { FormError } from '../../ui/form-error.tsx';
import { PanelDialog } from './panel-dialog.tsx';
import { PanelGrid } from './panel-grid.tsx';
import { kindOf, type PanelOf } from './panel-kinds.ts';

const COLUMNS = 12;
const NEW_WIDTH = 6;
const NEW_HEIGHT = 3;

/** A dashboard to change: its panels are moved with arrows, and nothing is kept until it is saved. */
export function DashboardEditor({ dashboard }: { readonly dashboard: Dashboard }) {
  const { change } = useUrlState();
  const [name, setName] = useState(dashboard.name);
  const [description, setDescription] = useState(dashboard.description ?? '');
  const [panels, setPanels] = useState<readonly PanelOf[]>(dashboard.panels);
  const [editing, setEditing] = useState<number>();
  const { mutate, error, isPending } = useSend({ showsErrors: true });
  const put = (index: number, panel: PanelOf) => setPanels(panels.with(index, panel));
  const add = () => {
    const bottom = Math.max(0, ...panels.map(({ y, h }) => y + h));
    const { type, query } = kindOf('histogram');
    setPanels([...panels, { title: '', type, query: { ...query }, x: 0, y: bottom, w: NEW_WIDTH, h: NEW_HEIGHT }]);
    setEditing(panels.length);
  };
  const save = () =>
    mutate(
      {
        method: 'PUT',
        address: addressOf('/api/dashboards/:id', { path: { id: dashboard.id } }),
        body: { name, ...(description !== '' && { description }), panels },
        done: 'Saved',
      },
      { onSuccess: () => change({ edit: '' }) },
    );
  const edited = editing === undefined ? undefined : panels[editing];
  return (
    <div className="p-4 max-sm:p-3">
      <header className="mb-4 flex flex-wrap items-end gap-3">
        <div className="min-w-48 flex-1">
          <TextField label="Name" value={name} onText={setName} error={faultOf(error?.faults ?? [], 'name')} />
        </div>
        <div className="min-w-48 flex-[2]">
          <TextField label="What it is for" value={description} onText={setDescription} />
        </div>
        <Button icon={Plus} onClick={add}>
          Add a panel
        </Button>
        <Button onClick={() => change({ edit: '' })}>Cancel</Button>
        <Button kind="primary" disabled={isPending} onClick={save}>
          Save
        </Button>
      </header>
      <FormError error={error} fields={['name']} />
      <PanelGrid
        panels={panels}
        actions={(index) => {
          const panel = panels[index];
          return panel === undefined ? null : (
            <PanelActions
              panel={panel}
              onMove={(moved) => put(index, moved)}
              onEdit={() => setEditing(index)}
              onDelete={() => setPanels(panels.toSpliced(index, 1))}
            />
          );
        }}
      />
      {editing !== undefined && edited !== undefined && (
        <PanelDialog
          panel={edited}
          onClose={() => setEditing(undefined)}
          onDone={(panel) => {
            put(editing, panel);
            setEditing(undefined);
          }}
        />
      )}
    </div>
  );
}

interface PanelActionsProps {
  readonly panel: PanelOf;
  readonly onMove: (panel: PanelOf) => void;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

function PanelActions({ panel, onMove, onEdit, onDelete }: PanelActionsProps) {
  const { x, y, w } = panel;
  const name = panel.title === '' ? kindOf(panel.type).label : panel.title;
  return (
    <>
      <Button
        kind="ghost"
        size="small"
        icon={ArrowLeft}
        label={`Move ${name} left`}
        disabled={x === 0}
        onClick={() => onMove({ ...panel, x: x - 1 })}
      />
      <Button
        kind="ghost"
        size="small"
        icon={ArrowRight}
        label={`Move ${name} right`}
        disabled={x + w >= COLUMNS}
        onClick={() => onMove({ ...panel, x: x + 1 })}
      />
      <Button
        kind="ghost"
        size="small"
        icon={ArrowUp}
        label={`Move ${name} up`}
        disabled={y === 0}
        onClick={() => onMove({ ...panel, y: y - 1 })}
      />
      <Button
        kind="ghost"
        size="small"
        icon={ArrowDown}
        label={`Move ${name} down`}
        onClick={() => onMove({ ...panel, y: y + 1 })}
      />
      <Button kind="ghost" size="small" icon={Pencil} label={`Edit ${name}`} onClick={onEdit} />
      <Button kind="ghost" size="small" icon={Trash2} label={`Delete ${name}`} onClick={onDelete} />
    </>
  );
}
