import { Filter, ListTree, Waypoints } from 'lucide-react';
import { Link } from 'wouter';
import type { StoredLog } from '../../api/routes.ts';
import { inert } from '../../lib/inert.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { isFilterField } from './log-query.ts';

interface LogDetailsProps {
  readonly log: StoredLog;
  readonly onContext?: (log: StoredLog) => void;
}

/** All of a log: its message as it was sent, and its fields, by which one can go on searching. */
export function LogDetails({ log, onContext }: LogDetailsProps) {
  const { change } = useUrlState();
  const { message, tags, meta, trace_id } = log;
  const plain = [
    'timestamp',
    'received_at',
    'service',
    'level',
    'host',
    'trace_id',
    'span_id',
    'event_id',
    'id',
  ] as const;
  const fields = [
    ...plain.flatMap((name) => (log[name] === undefined ? [] : [[name, String(log[name])] as const])),
    ...Object.entries(tags ?? {}).map(([key, value]) => [`tags.${key}`, value] as const),
  ];
  return (
    <section aria-label="All of this log" className="border-y border-line bg-sunken px-4 py-3">
      <pre className="max-h-96 overflow-y-auto whitespace-pre-wrap">
        <bdi>{inert(message)}</bdi>
      </pre>
      <dl className="mt-2.5 grid grid-cols-[minmax(90px,auto)_minmax(0,1fr)] gap-x-4 text-xs">
        {fields.map(([name, value]) => (
          <div key={name} className="group col-span-2 grid grid-cols-subgrid border-t border-line py-1">
            <dt className="py-0.5 text-ink-3">{inert(name)}</dt>
            <dd className="flex min-h-6 items-center gap-1 font-mono">
              <bdi>{inert(value)}</bdi>
              <span className="flex opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 max-sm:opacity-100">
                {isFilterField(name) && (
                  <Button
                    kind="ghost"
                    size="small"
                    icon={Filter}
                    label={`Only ${name} ${value}`}
                    onClick={() => change({ [name]: value }, { step: true })}
                  />
                )}
                <CopyButton text={value} label={`Copy ${name}`} />
              </span>
            </dd>
          </div>
        ))}
        {meta !== undefined && (
          <div className="col-span-2 grid grid-cols-subgrid border-t border-line py-1.5">
            <dt className="text-ink-3">meta</dt>
            <dd>
              <pre className="max-h-80 overflow-y-auto whitespace-pre-wrap">{inert(JSON.stringify(meta, null, 2))}</pre>
            </dd>
          </div>
        )}
      </dl>
      <div className="mt-1.5 flex flex-wrap items-center gap-1.5">
        {onContext !== undefined && (
          <Button size="small" icon={ListTree} onClick={() => onContext(log)}>
            Lines around it
          </Button>
        )}
        {trace_id !== undefined && (
          <Link href={`/traces/${encodeURIComponent(trace_id)}`} className="button" data-size="small">
            <Waypoints size={14} aria-hidden="true" />
            Open its trace
          </Link>
        )}
        <span className="flex items-center text-xs text-ink-3">
          <CopyButton text={JSON.stringify(log, null, 2)} label="Copy as JSON" />
          Copy as JSON
        </span>
      </div>
    </section>
  );
}
