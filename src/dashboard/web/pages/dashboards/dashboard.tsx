import { Link, useParams } from 'wouter';
import { useApi } from '../../api/use-api.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { DashboardEditor } from './dashboard-editor.tsx';
import { DashboardGrid } from './dashboard-grid.tsx';

/** One dashboard: `?edit=1` to change it, `?wall=1` for a wall. */
export default function DashboardPage() {
  const { id = '' } = useParams();
  const { params } = useUrlState();
  const { data, error, refetch } = useApi('/api/dashboards/:id', { path: { id } });
  if (error !== null) {
    return error.status === 404 && !error.isMissingRoute ? (
      <EmptyState title="There is no such dashboard">
        It may have been deleted.{' '}
        <Link href="/dashboards" className="link">
          All dashboards
        </Link>
      </EmptyState>
    ) : (
      <ErrorState error={error} what="the dashboard" onRetry={() => void refetch()} />
    );
  }
  if (data === undefined) return <SkeletonRows rows={10} />;
  return params.edit === '1' ? <DashboardEditor key={data.id} dashboard={data} /> : <DashboardGrid dashboard={data} />;
}
