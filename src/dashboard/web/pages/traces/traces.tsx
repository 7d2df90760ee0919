import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { useApi } from '../../api/use-api.ts';
import { plural } from '../../lib/format.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { useRange } from '../../shell/range.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { LoggedTraces } from './logged-traces.tsx';
import { TraceList } from './trace-list.tsx';

const SORTS = [
  { value: 'newest', label: 'Newest' },
  { value: 'slowest', label: 'Slowest' },
] as const;
const STATES = [
  { value: '', label: 'All' },
  { value: 'error', label: 'With errors' },
] as const;

/** Finds a trace: by its id, or among the newest and the slowest of this time. */
export default function Traces() {
  const { params, change } = useUrlState();
  const { range } = useRange();
  const { service } = params;
  const sort = SORTS.find(({ value }) => value === params.sort)?.value ?? 'newest';
  const status = STATES.find(({ value }) => value === params.status)?.value ?? '';
  const { data, error, isPending, refetch } = useApi('/api/traces', {
    query: { ...range, service, status, sort },
    keep: true,
  });
  const services = useApi('/api/services', { query: { limit: 500 } });
  const known = [
    ...new Set([...(services.data?.data.map(({ service }) => service) ?? []), ...(service ? [service] : [])]),
  ];
  const isEmpty = data !== undefined && data.data.length === 0;
  return (
    <div className="grid gap-4 p-4 max-sm:p-3">
      <div className="flex flex-wrap items-center gap-2">
        <ById />
        <select
          aria-label="Service"
          className="input w-auto max-w-48"
          value={service ?? ''}
          onChange={(event) => change({ service: event.target.value })}
        >
          <option value="">All services</option>
          {known.toSorted().map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <Segmented label="Which" options={STATES} value={status} onChange={(next) => change({ status: next })} />
        <Segmented
          label="Order"
          options={SORTS}
          value={sort}
          onChange={(next) => change({ sort: next === 'newest' ? '' : next })}
        />
      </div>
      {isEmpty ? (
        <LoggedTraces query={{ ...range, service, ...(status === 'error' && { min_level: 'error' }) }} />
      ) : (
        <Panel
          title={sort === 'slowest' ? 'Slowest traces' : 'Newest traces'}
          hint={
            data === undefined
              ? undefined
              : `${plural(data.data.length, 'trace')}${data.exact ? '' : ', of the spans that could be read'}`
          }
        >
          {error !== null ? (
            <ErrorState error={error} what="the traces" onRetry={() => void refetch()} />
          ) : isPending ? (
            <SkeletonRows rows={8} />
          ) : (
            <TraceList traces={data.data} />
          )}
        </Panel>
      )}
    </div>
  );
}

function ById() {
  const [, navigate] = useLocation();
  const [id, setId] = useState('');
  const open = (event: FormEvent) => {
    event.preventDefault();
    if (id.trim() !== '') navigate(`/traces/${encodeURIComponent(id.trim())}`);
  };
  return (
    <form onSubmit={open} className="me-auto flex w-full max-w-xl min-w-0 gap-2 md:w-auto md:flex-1">
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
  );
}
