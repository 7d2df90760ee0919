import { Waypoints } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useApi } from '../../api/use-api.ts';
import { plural, whole } from '../../lib/format.ts';
import { inertLine } from '../../lib/inert.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { useRange } from '../../shell/range.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';

const MOST_SHOWN = 50;
const LEVELS = [
  { value: '', label: 'All' },
  { value: 'warn', label: 'With warnings' },
  { value: 'error', label: 'With errors' },
] as const;

/** Finds a trace: by its id, or among those that logs of this time carry. */
export default function Traces() {
  const { params, change } = useUrlState();
  const { range } = useRange();
  const [, navigate] = useLocation();
  const [id, setId] = useState('');
  const level = LEVELS.find(({ value }) => value === params.min_level)?.value ?? '';
  const { data, error, isPending, refetch } = useApi('/api/logs/facets', {
    query: { ...range, fields: 'trace_id', limit: MOST_SHOWN, service: params.service, min_level: level },
    keep: true,
  });
  const traces = data?.data.trace_id ?? [];
  const open = (event: FormEvent) => {
    event.preventDefault();
    if (id.trim() !== '') navigate(`/traces/${encodeURIComponent(id.trim())}`);
  };
  return (
    <div className="grid gap-4 p-4 max-sm:p-3">
      <form onSubmit={open} className="flex max-w-2xl gap-2">
        <input
          aria-label="Trace id"
          className="input font-mono"
          placeholder="A trace id"
          value={id}
          onChange={(event) => setId(event.target.value)}
        />
        <Button type="submit" disabled={id.trim() === ''}>
          Open
        </Button>
      </form>
      <Panel
        title="Traces in the logs"
        hint={traces.length === MOST_SHOWN ? `the ${MOST_SHOWN} with the most lines` : plural(traces.length, 'trace')}
        actions={
          <Segmented label="Which" options={LEVELS} value={level} onChange={(min_level) => change({ min_level })} />
        }
      >
        {error !== null ? (
          <ErrorState error={error} what="the traces" onRetry={() => void refetch()} />
        ) : isPending ? (
          <SkeletonRows rows={8} />
        ) : traces.length === 0 ? (
          <EmptyState icon={Waypoints} title="No traces in this time">
            Events that carry the same <code>trace_id</code> are shown together here.
          </EmptyState>
        ) : (
          <table className="table border-t border-line">
            <thead>
              <tr>
                <th scope="col">Trace</th>
                <th scope="col" className="number">
                  {level === '' ? 'Lines' : level === 'warn' ? 'Warnings and errors' : 'Errors'}
                </th>
              </tr>
            </thead>
            <tbody>
              {traces.map(({ value, count }) => (
                <tr key={value} className="hover:bg-hover">
                  <td className="font-mono text-xs">
                    <Link href={`/traces/${encodeURIComponent(value)}`} className="link">
                      <bdi>{inertLine(value)}</bdi>
                    </Link>
                  </td>
                  <td className="number">{whole(count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Panel>
    </div>
  );
}
