import { CircleCheck } from 'lucide-react';
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { Incident, Rule } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { whole } from '../../lib/format.ts';
import { wholeDuration } from '../../lib/time.ts';
import { INCIDENT_TONES } from '../../lib/tones.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { Badge } from '../../ui/badge.tsx';
import { Pager } from '../../ui/pager.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { lastValueOf, placeOf } from './wording.ts';

const EVERY_MS = 10_000;
const PAGE_SIZE = 50;

const STATES = [
  { value: 'open', label: 'Open', hint: 'nobody has it yet' },
  { value: 'acknowledged', label: 'Acknowledged', hint: 'somebody is at it' },
  { value: 'resolved', label: 'Resolved', hint: 'over' },
] as const;

/** What rules have found, newest first; the cards say how many there are of each state, and choose it. */
export default function Incidents() {
  const { params, change } = useUrlState();
  const { status, service, rule } = params;
  const page = Number(params.page ?? 1);
  const query = { status, service, rule, page, limit: PAGE_SIZE };
  const { data, error, refetch } = useApi('/api/alerts/incidents', { query, everyMs: EVERY_MS, keep: true });
  const rules = useApi('/api/alerts', { query: { limit: 500 } });
  const known = useMemo(() => new Map(rules.data?.data.map((each) => [each.id, each])), [rules.data]);
  const incidents = data?.data.toSorted(firstWanted);
  return (
    <div className="grid gap-4 p-4 max-sm:p-3">
      <div className="grid grid-cols-3 gap-3">
        {STATES.map((state) => (
          <StateCard
            key={state.value}
            {...state}
            pressed={status === state.value}
            onClick={() => change({ status: status === state.value ? '' : state.value, page: '' }, { step: true })}
          />
        ))}
      </div>
      <Panel
        title={
          status === undefined ? 'All incidents' : `${STATES.find(({ value }) => value === status)?.label ?? status}`
        }
        hint={data?.total === undefined ? undefined : whole(data.total)}
        actions={<Chosen service={service} rule={rule === undefined ? undefined : (known.get(rule)?.name ?? rule)} />}
      >
        {error !== null ? (
          <ErrorState error={error} what="the incidents" onRetry={() => void refetch()} />
        ) : incidents === undefined || rules.isPending ? (
          <SkeletonRows rows={8} />
        ) : incidents.length === 0 ? (
          <EmptyState icon={CircleCheck} title="No incidents here">
            {status === undefined
              ? 'A rule that is breached opens one.'
              : 'None of this state; click the card again to see all.'}
          </EmptyState>
        ) : (
          <ul className="border-t border-line">
            {incidents.map((incident) => (
              <Row key={incident.id} incident={incident} rule={known.get(incident.ruleId)} />
            ))}
          </ul>
        )}
        <Pager page={page} limit={PAGE_SIZE} total={data?.total} onPage={(next) => change({ page: `${next}` })} />
      </Panel>
    </div>
  );
}

/** What somebody has to look at before what is over; of each the newest first, also when it was opened again. */
function firstWanted(a: Incident, b: Incident): number {
  const rank = ({ status }: Incident) => STATES.findIndex(({ value }) => value === status);
  return rank(a) - rank(b) || b.triggeredAt.localeCompare(a.triggeredAt);
}

interface StateCardProps {
  readonly value: Incident['status'];
  readonly label: string;
  readonly hint: string;
  readonly pressed: boolean;
  readonly onClick: () => void;
}

function StateCard({ value, label, hint, pressed, onClick }: StateCardProps) {
  const { data } = useApi('/api/alerts/incidents', { query: { status: value, limit: 1 }, everyMs: EVERY_MS });
  const total = data?.total;
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onClick}
      className="panel px-4 py-3 text-start hover:bg-hover aria-pressed:border-accent max-sm:px-3"
    >
      <span className="block truncate text-xs text-ink-3">{label}</span>
      <span
        className={`block text-xl font-medium tracking-tight ${value === 'open' && (total ?? 0) > 0 ? 'text-error' : ''}`}
      >
        {total === undefined ? '–' : whole(total)}
      </span>
      <span className="text-xs text-ink-3 max-sm:hidden">{hint}</span>
    </button>
  );
}

/** What else the list is narrowed to, and a way out of it. */
function Chosen({ service, rule }: { readonly service: string | undefined; readonly rule: string | undefined }) {
  const { change } = useUrlState();
  if (service === undefined && rule === undefined) return null;
  return (
    <button
      type="button"
      className="button"
      data-size="small"
      onClick={() => change({ service: '', rule: '', page: '' }, { step: true })}
    >
      {`${[rule, service].filter((word) => word !== undefined).join(' · ')} — show all`}
    </button>
  );
}

function Row({ incident, rule }: { readonly incident: Incident; readonly rule: Rule | undefined }) {
  const { id, status, triggeredAt, resolvedAt } = incident;
  return (
    <li className="border-b border-line last:border-b-0">
      <Link
        href={`/incidents/${encodeURIComponent(id)}`}
        className="grid grid-cols-[6.5rem_minmax(0,1fr)_auto] items-center gap-x-3 px-4 py-2.5 hover:bg-hover max-sm:grid-cols-[minmax(0,1fr)_auto] max-sm:gap-y-1 max-sm:px-3"
      >
        <span className="max-sm:order-3">
          <Badge tone={INCIDENT_TONES[status]}>{status}</Badge>
        </span>
        <span className="min-w-0">
          <span className="block truncate font-medium">{rule?.name ?? 'a rule that is gone'}</span>
          <span className="block truncate text-xs text-ink-3">{`${placeOf(incident)} · ${lastValueOf(incident, rule)}`}</span>
        </span>
        <span className="text-end text-xs text-ink-3">
          <span className="block">
            <Ago at={triggeredAt} />
          </span>
          {resolvedAt !== null && (
            <span className="block">{`lasted ${wholeDuration(Date.parse(resolvedAt) - Date.parse(triggeredAt))}`}</span>
          )}
        </span>
      </Link>
    </li>
  );
}
