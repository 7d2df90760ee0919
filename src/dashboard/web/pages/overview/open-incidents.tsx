import { CircleCheck } from 'lucide-react';
import { Link } from 'wouter';
import type { Incident } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { INCIDENT_TONES } from '../../lib/tones.ts';
import { Badge } from '../../ui/badge.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { placeOf } from '../incidents/wording.ts';

const EVERY_MS = 10_000;
const MOST_SHOWN = 8;

/** What nobody has resolved yet, newest first. */
export function OpenIncidents() {
  const open = useApi('/api/alerts/incidents', { query: { status: 'open', limit: MOST_SHOWN }, everyMs: EVERY_MS });
  const taken = useApi('/api/alerts/incidents', {
    query: { status: 'acknowledged', limit: MOST_SHOWN },
    everyMs: EVERY_MS,
  });
  const rules = useApi('/api/alerts', { query: { limit: 500 } });
  const names = new Map(rules.data?.data.map(({ id, name }) => [id, name]));
  const error = open.error ?? taken.error;
  const newest = (list: readonly Incident[] = []) =>
    list.toSorted((a, b) => b.triggeredAt.localeCompare(a.triggeredAt));
  const incidents = [...newest(open.data?.data), ...newest(taken.data?.data)].slice(0, MOST_SHOWN);
  return (
    <Panel
      title="Open incidents"
      actions={
        <Link href="/incidents" className="link text-xs">
          All incidents
        </Link>
      }
    >
      {error !== null ? (
        <ErrorState error={error} what="the incidents" />
      ) : open.isPending || taken.isPending || rules.isPending ? (
        <SkeletonRows rows={4} />
      ) : incidents.length === 0 ? (
        <EmptyState icon={CircleCheck} title="Nothing is open">
          No rule is breached.
        </EmptyState>
      ) : (
        <ul className="border-t border-line">
          {incidents.map((incident) => (
            <IncidentRow key={incident.id} incident={incident} rule={names.get(incident.ruleId)} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function IncidentRow({ incident, rule }: { readonly incident: Incident; readonly rule: string | undefined }) {
  const { id, service, group, status, triggeredAt } = incident;
  return (
    <li className="border-b border-line last:border-b-0">
      <Link href={`/incidents/${encodeURIComponent(id)}`} className="flex items-start gap-3 px-4 py-2 hover:bg-hover">
        <span className="w-28 shrink-0 pt-px">
          <Badge tone={INCIDENT_TONES[status]}>{status}</Badge>
        </span>
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{rule ?? 'a rule that is gone'}</span>
          <span className="block truncate text-xs text-ink-3">{placeOf({ service, group })}</span>
        </span>
        <span className="text-xs text-ink-3">
          <Ago at={triggeredAt} />
        </span>
      </Link>
    </li>
  );
}
