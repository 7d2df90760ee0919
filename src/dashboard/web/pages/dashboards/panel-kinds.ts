import type { Dashboard } from '../../api/routes.ts';

export type PanelOf = Dashboard['panels'][number];
type PanelType = PanelOf['type'];

interface PanelKind {
  readonly type: PanelType;
  readonly label: string;
  /** What stands in the query of a new one. */
  readonly query: Readonly<Record<string, string>>;
  /** Parameters that are usual, for whoever writes it. */
  readonly hint: string;
  /** Whether its route takes the time range of the page. */
  readonly ranged: boolean;
}

const CHOICE = 'service, level, min_level, host, q, tags.<key>';

/** What a panel can show, each the answer of one route. */
export const PANEL_KINDS: readonly PanelKind[] = [
  { type: 'histogram', label: 'Logs in time', query: { by: 'level' }, hint: `by, interval, ${CHOICE}`, ranged: true },
  { type: 'logs', label: 'Log lines', query: { min_level: 'warn' }, hint: CHOICE, ranged: true },
  {
    type: 'metric',
    label: 'A metric in time',
    query: { name: 'cpu_usage', fn: 'avg' },
    hint: 'name, fn, step, group_by, service',
    ranged: true,
  },
  { type: 'latest', label: 'Newest values of metrics', query: {}, hint: 'name, service, host', ranged: true },
  { type: 'facets', label: 'Top values', query: { fields: 'service,level' }, hint: `fields, ${CHOICE}`, ranged: true },
  { type: 'patterns', label: 'Patterns of lines', query: {}, hint: CHOICE, ranged: true },
  {
    type: 'errors',
    label: 'Trend of errors',
    query: { range: '24h' },
    hint: 'range (1h to 1y), service',
    ranged: false,
  },
  { type: 'security', label: 'Security events', query: {}, hint: 'type, min_severity, ip, service', ranged: true },
  { type: 'services', label: 'Services', query: {}, hint: 'status, service', ranged: false },
];

export const kindOf = (type: PanelType): PanelKind => {
  const kind = PANEL_KINDS.find((known) => known.type === type);
  if (kind === undefined) throw new Error(`BUG: no panel shows ${type}`);
  return kind;
};

const panel = (
  title: string,
  type: PanelType,
  query: PanelOf['query'],
  [x, y, w, h]: readonly [number, number, number, number],
): PanelOf => ({
  title,
  type,
  query,
  x,
  y,
  w,
  h,
});

/** What a new dashboard begins with. */
export const STARTING_PANELS: readonly PanelOf[] = [
  panel('Logs by level', 'histogram', { by: 'level' }, [0, 0, 8, 3]),
  panel('Services', 'services', {}, [8, 0, 4, 3]),
  panel('Newest warnings and errors', 'logs', { min_level: 'warn' }, [0, 3, 8, 4]),
  panel('Who logs most', 'facets', { fields: 'service,level' }, [8, 3, 4, 4]),
];

/** `service=pay`, a line each: how a query is written in the form. */
export const queryText = (query: PanelOf['query']): string =>
  Object.entries(query)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');

export function readQuery(text: string): Record<string, string> {
  const pairs = text.split('\n').flatMap((line) => {
    const at = line.indexOf('=');
    const name = line.slice(0, at).trim();
    const value = line.slice(at + 1).trim();
    return at < 1 || value === '' ? [] : [[name, value] as const];
  });
  return Object.fromEntries(pairs);
}
