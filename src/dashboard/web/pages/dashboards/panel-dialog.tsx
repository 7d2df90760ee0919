import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { AreaField, SelectField, TextField } from '../../ui/field.tsx';
import { kindOf, PANEL_KINDS, type PanelOf, queryText, readQuery } from './panel-kinds.ts';

const COLUMNS = 12;
const MOST_ROWS = 20;

interface PanelDialogProps {
  readonly panel: PanelOf;
  readonly onClose: () => void;
  readonly onDone: (panel: PanelOf) => void;
}

/** What a panel shows, and how large it is. */
export function PanelDialog({ panel, onClose, onDone }: PanelDialogProps) {
  const [title, setTitle] = useState(panel.title);
  const [type, setType] = useState(panel.type);
  const [query, setQuery] = useState(queryText(panel.query));
  const [width, setWidth] = useState(`${panel.w}`);
  const [height, setHeight] = useState(`${panel.h}`);
  const choose = (text: string) => {
    const kind = PANEL_KINDS.find((known) => known.type === text);
    if (kind === undefined) return;
    setType(kind.type);
    setQuery(queryText(kind.query));
  };
  const done = () => {
    const w = clamped(width, 1, COLUMNS);
    onDone({
      ...panel,
      title,
      type,
      query: readQuery(query),
      w,
      h: clamped(height, 1, MOST_ROWS),
      x: Math.min(panel.x, COLUMNS - w),
    });
  };
  return (
    <Dialog
      title="Panel"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" onClick={done}>
            Done
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-2 gap-3">
        <div className="col-span-full">
          <TextField label="Title" hint="Empty: named after what it shows" value={title} onText={setTitle} />
        </div>
        <div className="col-span-full">
          <SelectField
            label="Shows"
            options={PANEL_KINDS.map((kind) => ({ value: kind.type, label: kind.label }))}
            value={type}
            onText={choose}
          />
        </div>
        <div className="col-span-full">
          <AreaField
            label="Of"
            rows={4}
            spellCheck={false}
            hint={`name=value, a line each: ${kindOf(type).hint}`}
            value={query}
            onText={setQuery}
          />
        </div>
        <TextField label="Columns, of 12" inputMode="numeric" value={width} onText={setWidth} />
        <TextField label="Rows" inputMode="numeric" value={height} onText={setHeight} />
      </div>
    </Dialog>
  );
}

function clamped(text: string, least: number, most: number): number {
  const value = Math.round(Number(text));
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : least;
}
