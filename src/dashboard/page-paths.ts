/**
 * Where the page's views are. A path that is not here is not the page's: it is an API route or nothing.
 * `/metrics` is Prometheus' own, so metrics are explored at `/explore`.
 */
export const PAGE_PATHS = [
  '/',
  '/logs',
  '/explore',
  '/security',
  '/services',
  '/traces',
  '/traces/:id',
  '/incidents',
  '/incidents/:id',
  '/rules',
  '/rules/:id',
  '/channels',
  '/silences',
  '/dashboards',
  '/dashboards/:id',
  '/settings',
  '/settings/:section',
] as const;
export type PagePath = (typeof PAGE_PATHS)[number];
