import { Link } from 'wouter';
import type { Query } from '../../api/client.ts';
import type { Incident, Rule } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { plural } from '../../lib/format.ts';
import { LEVEL_TEXT } from '../../lib/tones.ts';
import { writeSearch } from '../../lib/url-state.ts';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { MetricEvidence } from './metric-evidence.tsx';

const EVERY_MS = 10_000;
const LINES = 12;
const MINUTE_MS = 60_000;
/** Around the end of an incident: what was logged while it was being noticed. */
const AFTER_MS = MINUTE_MS;
const ERRORS = 'error,fatal';

interface EvidenceProps {
  readonly incident: Incident;
  readonly rule: Rule | undefined;
}

/** What the incident was opened for: the metric's course, and the log lines of its time. */
export function Evidence({ incident, rule }: EvidenceProps) {
  return (
    <>
      {(rule?.type === 'threshold' || rule?.type === 'rate_change' || rule?.type === 'anomaly') && (
        <MetricEvidence incident={incident} rule={rule} />
      )}
      <LogEvidence incident={incident} rule={rule} />
    </>
  );
}

function LogEvidence({ incident, rule }: EvidenceProps) {
  const query = logQuery(incident, rule);
  const { data, error, isPending } = useApi('/api/logs', {
    query: { ...query, limit: LINES },
    ...(incident.resolvedAt === null && { everyMs: EVERY_MS }),
    keep: true,
  });
  const href = `/logs${writeSearch(Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value ?? '')])))}`;
  return (
    <Panel
      title={rule?.type === 'log_count' ? 'Matching log lines' : 'Errors of that time'}
      hint={data?.total === undefined ? undefined : plural(data.total, 'line')}
      actions={
        <Link className="link text-xs" href={href}>
          Open in Logs
        </Link>
      }
    >
      {error !== null ? (
        <ErrorState error={error} what="the log lines" />
      ) : isPending ? (
        <SkeletonRows rows={6} />
      ) : data.data.length === 0 ? (
        <EmptyState title="No such lines">Nothing was logged as error or fatal while it lasted.</EmptyState>
      ) : (
        <ol className="border-t border-line">
          {data.data.map(({ id, timestamp, level, service, message }) => (
            <li key={id} className="border-b border-line last:border-b-0">
              <Link
                href={`${href}&open=${encodeURIComponent(id)}`}
                className="grid grid-cols-[auto_3rem_minmax(0,1fr)] gap-x-3 px-4 py-1.5 hover:bg-hover max-sm:grid-cols-[auto_minmax(0,1fr)]"
              >
                <code className="text-ink-3">
                  <Time at={timestamp} as="clock" />
                </code>
                <code className={LEVEL_TEXT[level]}>{level}</code>
                <code className="min-w-0 break-words max-sm:col-span-2">
                  {incident.service === '*' && <span className="text-ink-3">{`${service} `}</span>}
                  <span className="line-clamp-3">{message}</span>
                </code>
              </Link>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

/** The lines that a rule counted, or the errors of whom it is about, from before it opened until it was over. */
function logQuery({ service, triggeredAt, lastSeenErrorAt, windowMinutes }: Incident, rule: Rule | undefined): Query {
  const from = Date.parse(triggeredAt) - Math.max(1, windowMinutes) * MINUTE_MS;
  const to = Date.parse(lastSeenErrorAt) + AFTER_MS;
  const own =
    rule?.type === 'log_count'
      ? {
          q: rule.condition.q,
          level: rule.condition.level === undefined ? undefined : [rule.condition.level].flat().join(','),
        }
      : { level: ERRORS };
  return {
    ...(service !== '*' && { service }),
    ...own,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  };
}
