import type { Kind } from '../../../schemas/event.ts';
import type { DashboardBody, Panel, SavedSearchBody } from '../../../schemas/saved.ts';
import { SAVED } from '../../../schemas/saved.ts';
import { eventFilter } from '../../core/event-filter.ts';
import { FilterError } from '../../core/filter-error.ts';
import { invalidParameter } from '../../errors.ts';

type Query = Readonly<Record<string, string>>;

const KINDS: Readonly<Record<SavedSearchBody['kind'], Kind>> = { logs: 'log', metrics: 'metric', security: 'security' };

/** What the routes of a panel take besides filters. Services, and the trend of errors, have parameters of their own. */
const OWN: Readonly<Record<Panel['type'], { readonly kind?: Kind; readonly names: readonly string[] }>> = {
  logs: { kind: 'log', names: ['order', 'limit', 'highlight'] },
  histogram: { kind: 'log', names: ['interval', 'by'] },
  facets: { kind: 'log', names: ['fields', 'limit'] },
  patterns: { kind: 'log', names: ['limit'] },
  errors: { names: ['service', 'range'] },
  metric: { kind: 'metric', names: ['fn', 'step', 'group_by', 'exact'] },
  latest: { kind: 'metric', names: ['limit'] },
  security: { kind: 'security', names: ['order', 'limit'] },
  services: { names: ['service', 'status', 'host', 'limit'] },
};

/** @throws LW_INVALID_PARAMETER naming the parameter of the query that no list would take */
export function checkSearch({ kind, query }: SavedSearchBody, now: number): void {
  check(KINDS[kind], query, ['order', 'limit'], 'query', now);
}

/** @throws LW_INVALID_PARAMETER naming a panel's place or parameter that cannot be */
export function checkDashboard({ panels }: DashboardBody, now: number): void {
  for (const [index, { type, query, x, w }] of panels.entries()) {
    if (x + w > SAVED.columns)
      throw invalidParameter(`panels[${index}].w`, `must end within the ${SAVED.columns} columns`);
    const { kind, names } = OWN[type];
    check(kind, query, names, `panels[${index}].query`, now);
  }
}

function check(kind: Kind | undefined, query: Query, names: readonly string[], where: string, now: number): void {
  const filters = Object.fromEntries(Object.entries(query).filter(([name]) => !names.includes(name)));
  try {
    if (kind !== undefined) eventFilter(kind, filters, now);
    else for (const name in filters) throw new FilterError(name, 'is not a known parameter');
  } catch (error) {
    throw error instanceof FilterError ? invalidParameter(`${where}.${error.field}`, error.message) : error;
  }
}
