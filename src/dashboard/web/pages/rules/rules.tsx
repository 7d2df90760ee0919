import { BellRing, Copy, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { addressOf } from '../../api/client.ts';
import type { Rule } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { useSend } from '../../api/use-send.ts';
import { whole } from '../../lib/format.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Pager } from '../../ui/pager.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import { conditionOf, RULE_TYPES, typeLabel } from './wording.ts';

const PAGE_SIZE = 100;
const EVERY_MS = 30_000;

const SEVERITY_TONES: Readonly<Record<NonNullable<Rule['severity']>, Tone>> = {
  info: 'info',
  warning: 'warn',
  critical: 'error',
};

/** What is watched, and whether it is. */
export default function Rules() {
  const { params, change } = useUrlState();
  const page = Number(params.page ?? 1);
  const { data, error, refetch } = useApi('/api/alerts', {
    query: { type: params.type, page, limit: PAGE_SIZE },
    everyMs: EVERY_MS,
    keep: true,
  });
  const [doomed, setDoomed] = useState<Rule>();
  const { mutate, isPending } = useSend();
  return (
    <div className="grid gap-4 p-4 max-sm:p-3">
      <Panel
        title="Rules"
        hint={data?.total === undefined ? undefined : whole(data.total)}
        actions={
          <>
            <select
              aria-label="Type"
              className="input w-auto"
              value={params.type ?? ''}
              onChange={(event) => change({ type: event.target.value, page: '' })}
            >
              <option value="">All types</option>
              {RULE_TYPES.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
            <Link href="/rules/new" className="button" data-kind="primary">
              <Plus size={15} aria-hidden="true" />
              New rule
            </Link>
          </>
        }
      >
        {error !== null ? (
          <ErrorState error={error} what="the rules" onRetry={() => void refetch()} />
        ) : data === undefined ? (
          <SkeletonRows rows={8} />
        ) : data.data.length === 0 ? (
          <EmptyState icon={BellRing} title={params.type === undefined ? 'No rules yet' : 'No rules of this type'}>
            A rule says what should wake whom.{' '}
            <Link className="link" href="/rules/new">
              Make the first one
            </Link>
            : while you write it, you see what it would have done in the past 14 days.
          </EmptyState>
        ) : (
          <ul className="border-t border-line">
            {data.data.map((rule) => (
              <Row key={rule.id} rule={rule} onDelete={() => setDoomed(rule)} />
            ))}
          </ul>
        )}
        <Pager page={page} limit={PAGE_SIZE} total={data?.total} onPage={(next) => change({ page: `${next}` })} />
      </Panel>
      {doomed !== undefined && (
        <Confirm
          title={`Delete ${doomed.name}?`}
          action="Delete the rule"
          busy={isPending}
          onClose={() => setDoomed(undefined)}
          onConfirm={() =>
            mutate(
              { method: 'DELETE', address: addressOf('/api/alerts/:id', { path: { id: doomed.id } }), done: 'Deleted' },
              { onSuccess: () => setDoomed(undefined) },
            )
          }
        >
          Its open incidents are resolved with the next evaluation. To stop it for a while, switch it off or make a
          silence instead.
        </Confirm>
      )}
    </div>
  );
}

function Row({ rule, onDelete }: { readonly rule: Rule; readonly onDelete: () => void }) {
  const [, navigate] = useLocation();
  const { mutate, isPending } = useSend();
  const { id, name, enabled, severity, lastTriggeredAt } = rule;
  const path = encodeURIComponent(id);
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 border-b border-line px-4 py-2.5 last:border-b-0 max-sm:px-3">
      <Toggle
        label={`${name}: ${enabled ? 'on' : 'off'}`}
        on={enabled}
        disabled={isPending}
        onChange={(on) =>
          mutate({
            method: 'PATCH',
            address: addressOf('/api/alerts/:id', { path: { id } }),
            body: { enabled: on },
            done: `${name} is ${on ? 'on' : 'off'}`,
          })
        }
      />
      <Link href={`/rules/${path}`} className={`min-w-0 hover:underline ${enabled ? '' : 'text-ink-3'}`}>
        <span className="flex flex-wrap items-center gap-x-2">
          <span className="min-w-0 truncate font-medium">{name}</span>
          <Badge>{typeLabel(rule.type)}</Badge>
          {severity !== undefined && <Badge tone={SEVERITY_TONES[severity]}>{severity}</Badge>}
        </span>
        <span className="block truncate text-xs text-ink-3">{conditionOf(rule)}</span>
      </Link>
      <span className="flex items-center gap-1">
        <span className="me-2 text-xs text-ink-3 max-md:hidden">
          {lastTriggeredAt === null ? (
            'never triggered'
          ) : (
            <>
              {'triggered '}
              <Ago at={lastTriggeredAt} />
            </>
          )}
        </span>
        <Button
          kind="ghost"
          size="small"
          icon={Pencil}
          label={`Edit ${name}`}
          onClick={() => navigate(`/rules/${path}`)}
        />
        <Button
          kind="ghost"
          size="small"
          icon={Copy}
          label={`Duplicate ${name}`}
          onClick={() => navigate(`/rules/new?from_rule=${path}`)}
        />
        <Button kind="ghost" size="small" icon={Trash2} label={`Delete ${name}`} onClick={onDelete} />
      </span>
    </li>
  );
}
