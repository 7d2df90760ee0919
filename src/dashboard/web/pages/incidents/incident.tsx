import { Bell } from 'lucide-react';
import { Link, useParams } from 'wouter';
import type { Incident as IncidentOf } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { measured } from '../../lib/format.ts';
import { wholeDuration } from '../../lib/time.ts';
import { INCIDENT_TONES } from '../../lib/tones.ts';
import { useNow } from '../../lib/use-now.ts';
import { Badge } from '../../ui/badge.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, Skeleton, SkeletonRows } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { conditionOf } from '../rules/wording.ts';
import { DecisionPanel } from './decision-panel.tsx';
import { DeliveryPanel } from './delivery-panel.tsx';
import { Evidence } from './evidence.tsx';
import { IncidentActions } from './incident-actions.tsx';
import { IncidentTimeline } from './incident-timeline.tsx';
import { lastValueOf, placeOf } from './wording.ts';

const EVERY_MS = 5_000;

/** One incident: what is wrong, since when, the lines that say so, who was told, and why or why not. */
export default function Incident() {
  const { id = '' } = useParams();
  const { data, error, refetch } = useApi('/api/alerts/incidents/:id', { path: { id }, everyMs: EVERY_MS });
  if (error !== null) {
    return error.status === 404 ? (
      <EmptyState icon={Bell} title="There is no such incident">
        It may be older than what is kept.{' '}
        <Link href="/incidents" className="link">
          All incidents
        </Link>
      </EmptyState>
    ) : (
      <ErrorState error={error} what="the incident" onRetry={() => void refetch()} />
    );
  }
  if (data === undefined) return <SkeletonRows rows={10} />;
  return <Found incident={data} />;
}

function Found({ incident }: { readonly incident: IncidentOf }) {
  const rule = useApi('/api/alerts/:id', { path: { id: incident.ruleId } });
  const now = useNow();
  const end = incident.resolvedAt === null ? now : Date.parse(incident.resolvedAt);
  const lasted = wholeDuration(Math.max(0, end - Date.parse(incident.triggeredAt)));
  return (
    <div className="grid gap-4 p-4 max-sm:p-3">
      <header className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1 basis-80">
          <p className="flex flex-wrap items-center gap-2">
            <Badge tone={INCIDENT_TONES[incident.status]}>{incident.status}</Badge>
            <span className="text-ink-2">{placeOf(incident)}</span>
          </p>
          {rule.isPending ? (
            <Skeleton className="mt-2 h-10 max-w-96" />
          ) : (
            <h2 className="mt-1 text-xl font-medium tracking-tight">{rule.data?.name ?? 'A rule that is gone'}</h2>
          )}
          {rule.data !== undefined && <p className="text-ink-2">{conditionOf(rule.data)}</p>}
        </div>
        <IncidentActions incident={incident} rule={rule.data} knowsRule={!rule.isPending} />
      </header>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.6fr)_minmax(0,1fr)]">
        <div className="grid gap-4">
          {rule.isPending ? <Skeleton className="h-64" /> : <Evidence incident={incident} rule={rule.data} />}
          <DecisionPanel route="/api/alerts/incidents/:id/decisions" id={incident.id} rule={rule.data} />
        </div>
        <div className="grid gap-4">
          <Panel title="Facts">
            <Facts
              rows={[
                ['Last value', lastValueOf(incident, rule.data)],
                ['Window', `${measured(incident.windowMinutes)} min`],
                [incident.resolvedAt === null ? 'Lasts' : 'Lasted', lasted],
                ['Opened', <Time key="opened" at={incident.triggeredAt} />],
                ['Last breach', <Time key="last" at={incident.lastSeenErrorAt} />],
                incident.acknowledgedAt !== null && ['Acknowledged', <Time key="taken" at={incident.acknowledgedAt} />],
                incident.resolvedAt !== null && ['Resolved', <Time key="resolved" at={incident.resolvedAt} />],
                [
                  'Rule',
                  <Link key="rule" className="link" href={`/rules/${encodeURIComponent(incident.ruleId)}`}>
                    {rule.data?.name ?? incident.ruleId}
                  </Link>,
                ],
                ['Fingerprint', <code key="fingerprint">{incident.fingerprint}</code>],
              ]}
            />
          </Panel>
          <IncidentTimeline incident={incident} />
          <DeliveryPanel query={{ incident_id: incident.id }} />
        </div>
      </div>
    </div>
  );
}
