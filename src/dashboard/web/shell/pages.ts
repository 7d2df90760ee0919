import {
  Activity,
  Bell,
  BellOff,
  ChartLine,
  House,
  LayoutGrid,
  ListChecks,
  type LucideIcon,
  ScrollText,
  Send,
  Settings,
  ShieldAlert,
  Waypoints,
} from 'lucide-react';
import { type ComponentType, lazy } from 'react';
import type { PagePath } from '../../page-paths.ts';

type Load = () => Promise<{ readonly default: ComponentType }>;
/** A view that is loaded when it is drawn first, or before. */
type View = ReturnType<typeof viewOf>;

const viewOf = (load: Load) => Object.assign(lazy(load), { load });

interface PageRoute {
  readonly path: PagePath;
  readonly view: View;
}

export interface Page extends PageRoute {
  readonly title: string;
  readonly icon: LucideIcon;
  /** `g` and this key go there. */
  readonly key: string;
  /** Under which heading of the sidebar it stands. */
  readonly group: 'Watch' | 'Respond' | 'Arrange';
  /** Whether what it shows depends on the time range of the top bar. */
  readonly ranged: boolean;
  /** Views below it. */
  readonly below?: readonly PageRoute[];
}

/** Every page, in the order of the sidebar. A new one is a line here and a path in `page-paths.ts`. */
export const PAGES: readonly Page[] = [
  {
    path: '/',
    title: 'Overview',
    icon: House,
    key: 'o',
    group: 'Watch',
    ranged: false,
    view: viewOf(() => import('../pages/overview/overview.tsx')),
  },
  {
    path: '/logs',
    title: 'Logs',
    icon: ScrollText,
    key: 'l',
    group: 'Watch',
    ranged: true,
    view: viewOf(() => import('../pages/logs/logs.tsx')),
  },
  {
    path: '/explore',
    title: 'Metrics',
    icon: ChartLine,
    key: 'm',
    group: 'Watch',
    ranged: true,
    view: viewOf(() => import('../pages/metrics/metrics.tsx')),
  },
  {
    path: '/traces',
    title: 'Traces',
    icon: Waypoints,
    key: 't',
    group: 'Watch',
    ranged: true,
    view: viewOf(() => import('../pages/traces/traces.tsx')),
    below: [{ path: '/traces/:id', view: viewOf(() => import('../pages/traces/trace.tsx')) }],
  },
  {
    path: '/services',
    title: 'Services',
    icon: Activity,
    key: 's',
    group: 'Watch',
    ranged: false,
    view: viewOf(() => import('../pages/services/services.tsx')),
  },
  {
    path: '/security',
    title: 'Security',
    icon: ShieldAlert,
    key: 'e',
    group: 'Watch',
    ranged: true,
    view: viewOf(() => import('../pages/security/security.tsx')),
  },
  {
    path: '/incidents',
    title: 'Incidents',
    icon: Bell,
    key: 'i',
    group: 'Respond',
    ranged: false,
    view: viewOf(() => import('../pages/incidents/incidents.tsx')),
    below: [{ path: '/incidents/:id', view: viewOf(() => import('../pages/incidents/incident.tsx')) }],
  },
  {
    path: '/rules',
    title: 'Rules',
    icon: ListChecks,
    key: 'r',
    group: 'Respond',
    ranged: false,
    view: viewOf(() => import('../pages/rules/rules.tsx')),
    below: [{ path: '/rules/:id', view: viewOf(() => import('../pages/rules/rule.tsx')) }],
  },
  {
    path: '/channels',
    title: 'Channels',
    icon: Send,
    key: 'c',
    group: 'Respond',
    ranged: false,
    view: viewOf(() => import('../pages/channels/channels.tsx')),
  },
  {
    path: '/silences',
    title: 'Silences',
    icon: BellOff,
    key: 'q',
    group: 'Respond',
    ranged: false,
    view: viewOf(() => import('../pages/silences/silences.tsx')),
  },
  {
    path: '/dashboards',
    title: 'Dashboards',
    icon: LayoutGrid,
    key: 'd',
    group: 'Arrange',
    ranged: true,
    view: viewOf(() => import('../pages/dashboards/dashboards.tsx')),
    below: [{ path: '/dashboards/:id', view: viewOf(() => import('../pages/dashboards/dashboard.tsx')) }],
  },
  {
    path: '/settings',
    title: 'Settings',
    icon: Settings,
    key: ',',
    group: 'Arrange',
    ranged: false,
    view: viewOf(() => import('../pages/settings/settings.tsx')),
    below: [{ path: '/settings/:section', view: viewOf(() => import('../pages/settings/settings.tsx')) }],
  },
];

/** The page that an address belongs to: `/traces/abc` to Traces. */
export function pageOf(path: string): Page | undefined {
  return PAGES.find((page) => page.path === path || (page.path !== '/' && path.startsWith(`${page.path}/`)));
}

/** Begins to load the view of an address, before anything is drawn. */
export function preload(path: string): void {
  const page = pageOf(path);
  const route = page === undefined || page.path === path ? page : page.below?.[0];
  // Whoever draws it meets the same failure, and tells it.
  route?.view.load().catch(() => undefined);
}
