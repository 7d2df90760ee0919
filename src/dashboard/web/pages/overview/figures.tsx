import { useRef } from 'react';
import { diskOutlook } from '../../api/disk-outlook.ts';
import { figure } from '../../api/figures.ts';
import type { Stats } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { bytes, measured, short } from '../../lib/format.ts';
import { wholeDuration } from '../../lib/time.ts';
import { Skeleton } from '../../ui/states.tsx';

const EVERY_MS = 2_000;

/** What comes in, what is kept, and how long there is room for more. */
export function Figures() {
  const { data, dataUpdatedAt } = useApi('/api/stats', { everyMs: EVERY_MS });
  const rate = useRate(data, dataUpdatedAt);
  if (data === undefined) return <Skeleton className="h-16" />;
  const size = figure(data, 'store', 'bytes');
  const cells: readonly (readonly [string, string, string])[] = [
    ['Coming in', rate === undefined ? '…' : `${measured(rate)}/s`, 'events in the last seconds'],
    ['Kept', short(storedEvents(data)), 'events'],
    ['On disk', size === undefined ? '–' : bytes(size), diskOutlook(data) ?? 'events and their indexes'],
    ['Up for', wholeDuration(data.uptime_s * 1000), `version ${data.version}`],
  ];
  return (
    <dl className="grid grid-cols-4 overflow-hidden rounded-lg border border-line bg-surface max-md:grid-cols-2">
      {cells.map(([name, value, hint]) => (
        <div
          key={name}
          className="border-line px-4 py-3 not-first:border-s max-md:nth-[n+3]:border-t max-md:nth-[odd]:border-s-0"
        >
          <dt className="text-xs text-ink-3">{name}</dt>
          <dd>
            <span className="block text-xl font-medium tracking-tight">{value}</span>
            <span className="text-xs text-ink-3">{hint}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function storedEvents(stats: Stats): number {
  const kinds = ['log', 'metric', 'security', 'heartbeat', 'span'];
  return kinds.reduce((sum, kind) => sum + (figure(stats, 'store', 'events', kind) ?? 0), 0);
}

/** Events a second between the last two answers. */
function useRate(stats: Stats | undefined, at: number): number | undefined {
  const seen = useRef<{ at: number; published: number; rate: number | undefined }>(undefined);
  const published = stats === undefined ? undefined : figure(stats, 'bus', 'published');
  if (published === undefined) return undefined;
  const last = seen.current;
  if (last === undefined || last.at !== at) {
    const rate =
      last === undefined || published < last.published
        ? undefined
        : ((published - last.published) * 1000) / (at - last.at);
    seen.current = { at, published, rate: rate ?? last?.rate };
  }
  return seen.current?.rate;
}
