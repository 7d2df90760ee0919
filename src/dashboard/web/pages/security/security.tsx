import { ShieldCheck } from 'lucide-react';
import { useMemo } from 'react';
import { plural } from '../../lib/format.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { useRange } from '../../shell/range.ts';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { SecurityFilters } from './security-filters.tsx';
import { SecurityTable } from './security-table.tsx';
import { SecurityTimeline } from './security-timeline.tsx';
import { Tallies } from './tallies.tsx';
import { MOST_READ, useSecurityEvents } from './use-security-events.ts';

/** Security events: what kind, how severe, from where, and when. */
export default function Security() {
  const { params, change } = useUrlState();
  const { range, setRange } = useRange();
  const { service, type, severity, ip, host } = params;
  const query = useMemo(
    () => ({ ...range, service, type, severity, ip, host }),
    [range, service, type, severity, ip, host],
  );
  const { data, error, isPending, refetch } = useSecurityEvents(query);
  const choose = (field: string, value: string) =>
    change({ [field]: params[field] === value ? undefined : value }, { step: true });
  return (
    <div className="grid gap-4 p-4 max-sm:p-3">
      <SecurityFilters params={params} onChange={(changes) => change(changes, { step: true })} />
      {error !== null ? (
        <ErrorState error={error} what="the security events" onRetry={() => void refetch()} />
      ) : isPending ? (
        <SkeletonRows rows={10} />
      ) : data.events.length === 0 ? (
        <EmptyState icon={ShieldCheck} title="No security events match">
          Nothing of this kind happened in this time.
        </EmptyState>
      ) : (
        <>
          <Panel
            title="In time"
            hint={
              data.events.length < data.total
                ? `the newest ${MOST_READ.toLocaleString('en')} of ${data.total.toLocaleString('en')}`
                : plural(data.total, 'event')
            }
          >
            <div className="px-3 pb-2">
              <SecurityTimeline
                events={data.events}
                range={range}
                onRange={(from, to) => setRange({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })}
              />
            </div>
          </Panel>
          <Tallies events={data.events} params={params} onChoose={choose} />
          <SecurityTable events={data.events} onChoose={choose} />
        </>
      )}
    </div>
  );
}
