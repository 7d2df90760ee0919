import { X } from 'lucide-react';
import { inertLine } from '../../lib/inert.ts';
import type { UrlParams } from '../../lib/url-state.ts';

const FIELDS: Readonly<Record<string, string>> = {
  severity: 'Severity',
  type: 'Type',
  ip: 'Source',
  service: 'Service',
  host: 'Host',
};

interface SecurityFiltersProps {
  readonly params: UrlParams;
  readonly onChange: (changes: UrlParams) => void;
}

/** What the events are chosen by, each to be taken away with a click. */
export function SecurityFilters({ params, onChange }: SecurityFiltersProps) {
  const set = Object.entries(FIELDS).filter(([field]) => (params[field] ?? '') !== '');
  if (set.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-1.5" aria-label="Chosen by">
      {set.map(([field, title]) => (
        <li key={field}>
          <button
            type="button"
            title="Take it away"
            className="inline-flex h-6 items-center gap-1 rounded-sm bg-accent-soft ps-2 pe-1 text-xs text-accent hover:line-through"
            onClick={() => onChange({ [field]: undefined })}
          >
            {`${title}: ${inertLine(params[field] ?? '')}`}
            <X size={12} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}
