import { type Static, Type } from '@sinclair/typebox';
import { list, oneOf } from './common.ts';
import { LIMITS } from './limits.ts';

const closed = { additionalProperties: false };

/** Bounds of what people save: more than one page shows, and few enough that a list of them is quick. */
export const SAVED = { name: 200, description: 2_000, documents: 1_000, panels: 50, columns: 12, rows: 1_000 } as const;

/** The parameters of the list of events that a search asks, as in its query string; relative times stay relative. */
const Query = Type.Record(
  Type.String({ pattern: `^.{1,${LIMITS.tagKey + 5}}$` }),
  Type.String({ minLength: 1, maxLength: LIMITS.searchText }),
  { additionalProperties: false, maxProperties: LIMITS.tags },
);
const SEARCHED = ['logs', 'metrics', 'security'] as const;

const about = {
  name: Type.String({ minLength: 1, maxLength: SAVED.name }),
  description: Type.Optional(Type.String({ maxLength: SAVED.description })),
};
const made = {
  id: Type.String(),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
};

export const SavedSearchBody = Type.Object(
  { ...about, kind: oneOf(SEARCHED), query: Query },
  { ...closed, $id: 'SavedSearchBody' },
);
export type SavedSearchBody = Static<typeof SavedSearchBody>;

/** A search to ask again. */
export const SavedSearch = Type.Object({ ...SavedSearchBody.properties, ...made }, { $id: 'SavedSearch' });
export type SavedSearch = Static<typeof SavedSearch>;
export const SavedSearchList = list(SavedSearch);

/** What a panel can show: each is the answer of one route. */
export const PANEL_TYPES = {
  logs: '/api/logs',
  histogram: '/api/logs/histogram',
  facets: '/api/logs/facets',
  patterns: '/api/logs/patterns',
  errors: '/api/metrics/errors',
  metric: '/api/metrics/aggregate',
  latest: '/api/metrics/latest',
  security: '/api/security',
  services: '/api/services',
} as const;
export type PanelType = keyof typeof PANEL_TYPES;

/** One rectangle of a dashboard. */
export const Panel = Type.Object(
  {
    title: Type.String({ maxLength: SAVED.name }),
    type: oneOf(Object.keys(PANEL_TYPES) as PanelType[], 'Which route answers it'),
    query: Query,
    x: Type.Integer({ minimum: 0, maximum: SAVED.columns - 1, description: 'Its left column, from 0' }),
    y: Type.Integer({ minimum: 0, maximum: SAVED.rows - 1, description: 'Its top row, from 0' }),
    w: Type.Integer({ minimum: 1, maximum: SAVED.columns, description: `Columns, of ${SAVED.columns} in all` }),
    h: Type.Integer({ minimum: 1, maximum: SAVED.rows, description: 'Rows' }),
  },
  closed,
);
export type Panel = Static<typeof Panel>;

export const DashboardBody = Type.Object(
  { ...about, panels: Type.Array(Panel, { maxItems: SAVED.panels }) },
  { ...closed, $id: 'DashboardBody' },
);
export type DashboardBody = Static<typeof DashboardBody>;

/** Panels on a grid. */
export const Dashboard = Type.Object({ ...DashboardBody.properties, ...made }, { $id: 'Dashboard' });
export type Dashboard = Static<typeof Dashboard>;
export const DashboardList = list(Dashboard);
