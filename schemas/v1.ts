import { type Static, Type } from '@sinclair/typebox';
import { oneOf } from './common.ts';
import { LIMITS } from './limits.ts';
import { closedQuery, common, fitting, HistogramQuery, text } from './query.ts';

// The routes of the API server, under `/api/v1`: other names for the same questions.

const Time = Type.String({ format: 'date-time' });
const Count = Type.Integer({ minimum: 0 });
const Counts = Type.Record(Type.String(), Count);
const range = { from: common.from, to: common.to, service: common.service };

export const RangeQuery = closedQuery(range);

export const EventStats = Type.Object(
  { from: Time, to: Time, total: Count, levels: Counts, services: Counts },
  { $id: 'EventStats' },
);
export type EventStats = Static<typeof EventStats>;

export const DashboardOverview = Type.Object(
  {
    from: Time,
    to: Time,
    events: Type.Object({ total: Count, levels: Counts, error_share: Type.Number() }),
    metrics: Type.Object({ total: Count }),
    security: Type.Object({ total: Count, severities: Counts }),
    services: Type.Object({ total: Count, statuses: Counts }),
    incidents: Type.Object({ active: Count }),
  },
  { $id: 'DashboardOverview' },
);
export type DashboardOverview = Static<typeof DashboardOverview>;

/** With `metric` it is the statistics of that metric, without it counts of logs. */
export const TimeseriesQuery = closedQuery({
  ...range,
  interval: HistogramQuery.properties.interval,
  metric: text(LIMITS.metricName, 'Its statistics in time, instead of counts of logs'),
  fn: text(128, 'Of the metric: as in `/api/metrics/aggregate`'),
});

export const TOP_TYPES = ['errors', 'services', 'hosts', 'levels', 'metrics', 'sources', 'slow'] as const;
export type TopType = (typeof TOP_TYPES)[number];
export const TOP = { usual: 10, most: 100 } as const;
export const TopParams = Type.Object({
  type: oneOf(
    TOP_TYPES,
    '`errors`: patterns of error logs; `sources`: addresses of security events; `slow`: spans by their p95 in ms',
  ),
});
export const TopQuery = closedQuery({
  ...range,
  limit: fitting('^[1-9][0-9]{0,8}$', 'a whole number from 1 up', `${TOP.usual} if not given; at most ${TOP.most}`),
});
export const TopList = Type.Object(
  {
    type: oneOf(TOP_TYPES),
    data: Type.Array(Type.Object({ value: Type.String(), count: Type.Number(), p95_ms: Type.Optional(Type.Number()) })),
  },
  { $id: 'TopList' },
);
export type TopList = Static<typeof TopList>;

/** Logs by day of the week and hour, in UTC: the last seven days if no range is given. */
export const Heatmap = Type.Object(
  {
    from: Time,
    to: Time,
    data: Type.Array(
      Type.Object({
        day: Type.Integer({ minimum: 0, maximum: 6, description: '0 is Sunday' }),
        hour: Type.Integer({ minimum: 0, maximum: 23 }),
        count: Count,
      }),
    ),
  },
  { $id: 'Heatmap' },
);
export type Heatmap = Static<typeof Heatmap>;

export const Realtime = Type.Object(
  {
    at: Time,
    window_s: Type.Integer(),
    events_per_second: Type.Number(),
    errors_per_second: Type.Number(),
    metrics_per_second: Type.Number(),
    active_services: Count,
  },
  { $id: 'Realtime' },
);
export type Realtime = Static<typeof Realtime>;
