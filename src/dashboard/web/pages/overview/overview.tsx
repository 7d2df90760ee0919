import { useApi } from '../../api/use-api.ts';
import { ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { ErrorTrendPanel } from './error-trend-panel.tsx';
import { Figures } from './figures.tsx';
import { FirstEvent } from './first-event.tsx';
import { OpenIncidents } from './open-incidents.tsx';
import { ServiceHealth } from './service-health.tsx';
import { useIsEmpty } from './use-is-empty.ts';

const OFTEN_MS = 10_000;

/** Health at a glance. An empty store shows how to send the first event instead. */
export default function Overview() {
  const services = useApi('/api/services', { query: { limit: 500 }, everyMs: OFTEN_MS });
  const isEmpty = useIsEmpty();
  if (services.error !== null)
    return <ErrorState error={services.error} what="the overview" onRetry={() => void services.refetch()} />;
  if (services.isPending || isEmpty === undefined) return <SkeletonRows rows={8} />;
  if (isEmpty) return <FirstEvent />;
  return (
    <div className="grid gap-4 p-4 max-sm:p-3">
      <Figures />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.7fr)_minmax(0,1fr)]">
        <ErrorTrendPanel services={services.data.data} />
        <OpenIncidents />
      </div>
      <ServiceHealth services={services.data.data} />
    </div>
  );
}
