import type { ComponentType } from 'react';
import { Link, useParams } from 'wouter';
import type { Stats } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { About } from './about.tsx';
import { Access } from './access.tsx';
import { Figures } from './figures.tsx';
import { Limits } from './limits.tsx';
import { Replica } from './replica.tsx';
import { Retention } from './retention.tsx';

const EVERY_MS = 5_000;

interface Section {
  readonly name: string;
  readonly title: string;
  readonly view: ComponentType<{ readonly stats: Stats }>;
}

/** The sections, in their order. A new one is a line here. */
const SECTIONS: readonly Section[] = [
  { name: 'server', title: 'Server', view: Replica },
  { name: 'access', title: 'Access', view: Access },
  { name: 'retention', title: 'Storage and retention', view: Retention },
  { name: 'limits', title: 'Limits', view: Limits },
  { name: 'figures', title: 'All figures', view: Figures },
  { name: 'about', title: 'About', view: About },
];

/** How this server is set up and how it is doing. What can be changed is changed in its environment. */
export default function Settings() {
  const { section: name = 'server' } = useParams();
  const section = SECTIONS.find((known) => known.name === name);
  const { data, error, refetch } = useApi('/api/stats', { everyMs: EVERY_MS });
  const View = section?.view;
  return (
    <div className="grid items-start gap-4 p-4 max-sm:p-3 md:grid-cols-[12rem_minmax(0,48rem)]">
      <nav aria-label="Settings" className="flex flex-wrap gap-1 md:flex-col">
        {SECTIONS.map(({ name: target, title }) => (
          <Link
            key={target}
            href={target === 'server' ? '/settings' : `/settings/${target}`}
            aria-current={target === name ? 'page' : undefined}
            className="rounded-md px-2.5 py-1 text-ink-2 hover:bg-hover hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent"
          >
            {title}
          </Link>
        ))}
      </nav>
      {View === undefined ? (
        <EmptyState title="There is no such section">Choose one of those beside.</EmptyState>
      ) : error !== null ? (
        <ErrorState error={error} what="the settings" onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <SkeletonRows />
      ) : (
        <View stats={data} />
      )}
    </div>
  );
}
