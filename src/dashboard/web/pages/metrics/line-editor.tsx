import { Trash2 } from 'lucide-react';
import { useId } from 'react';
import { Button } from '../../ui/button.tsx';
import { FUNCTIONS, type MetricLine } from './metric-lines.ts';

const SPLITS = ['', 'service', 'host', 'service,host', 'tags.region', 'tags.env'];

interface LineEditorProps {
  readonly index: number;
  readonly line: MetricLine;
  readonly names: readonly string[];
  readonly services: readonly string[];
  /** Given undefined to take the line away. */
  readonly onChange: (line: MetricLine | undefined) => void;
}

/** Chooses one metric, its function, its service and what splits it. */
export function LineEditor({ index, line, names, services, onChange }: LineEditorProps) {
  const id = useId();
  const functions = FUNCTIONS.some(({ value }) => value === line.fn)
    ? FUNCTIONS
    : [{ value: line.fn, label: line.fn.replaceAll(',', ', ') }, ...FUNCTIONS];
  const known = names.includes(line.name) ? names : [line.name, ...names];
  return (
    <fieldset className="grid grid-cols-[minmax(0,1.6fr)_minmax(0,1fr)_minmax(0,1fr)_minmax(0,1fr)_auto] items-end gap-2 max-md:grid-cols-2">
      <legend className="sr-only">{`Metric ${index + 1}`}</legend>
      <label className="grid gap-1">
        <span className="text-xs text-ink-3">Name</span>
        <select
          className="input font-mono"
          value={line.name}
          onChange={(event) => onChange({ ...line, name: event.target.value })}
        >
          {known.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label className="grid gap-1">
        <span className="text-xs text-ink-3">Function</span>
        <select className="input" value={line.fn} onChange={(event) => onChange({ ...line, fn: event.target.value })}>
          {functions.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label className="grid gap-1">
        <span className="text-xs text-ink-3">Of the service</span>
        <select
          className="input"
          value={line.service}
          onChange={(event) => onChange({ ...line, service: event.target.value })}
        >
          <option value="">all</option>
          {services.map((service) => (
            <option key={service}>{service}</option>
          ))}
        </select>
      </label>
      <label className="grid gap-1">
        <span className="text-xs text-ink-3">One line for each</span>
        <input
          className="input"
          list={id}
          placeholder="nothing"
          defaultValue={line.by}
          onBlur={(event) => event.target.value !== line.by && onChange({ ...line, by: event.target.value.trim() })}
          onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
        />
        <datalist id={id}>
          {SPLITS.map((split) => (
            <option key={split} value={split} />
          ))}
        </datalist>
      </label>
      <Button
        kind="ghost"
        icon={Trash2}
        label={`Remove metric ${index + 1}`}
        className="max-md:col-span-2 max-md:justify-self-end"
        onClick={() => onChange(undefined)}
      />
    </fieldset>
  );
}
