import type { Static, TSchema } from '@sinclair/typebox';
import type {
  Facets,
  LatestMetric,
  LogContext as LogContextSchema,
  Aggregate as MetricAggregate,
  Patterns,
  ServiceOverview,
  Trace as TraceSchema,
} from '../../../../schemas/analytics.ts';
import type { StoredChannel } from '../../../../schemas/channel.ts';
import type { list } from '../../../../schemas/common.ts';
import type { Decision } from '../../../../schemas/decision.ts';
import type { Delivery } from '../../../../schemas/delivery.ts';
import type { ServiceState, StoredHeartbeat } from '../../../../schemas/heartbeat.ts';
import type { Incident } from '../../../../schemas/incident.ts';
import type { StoredLog } from '../../../../schemas/log.ts';
import type { StoredMetric } from '../../../../schemas/metric.ts';
import type { Preview } from '../../../../schemas/preview.ts';
import type { ErrorTrend, Histogram } from '../../../../schemas/query.ts';
import type { Rule } from '../../../../schemas/rule.ts';
import type { Dashboard, SavedSearch } from '../../../../schemas/saved.ts';
import type { StoredSecurity } from '../../../../schemas/security.ts';
import type { Silence } from '../../../../schemas/silence.ts';
import type { TraceList, TraceSummary } from '../../../../schemas/trace.ts';

type LogContext = Static<typeof LogContextSchema>;
type Trace = Static<typeof TraceSchema>;

/** The envelope of every list. */
export type List<T> = Omit<Static<ReturnType<typeof list<TSchema>>>, 'data'> & { readonly data: readonly T[] };

/** `GET` routes that the page asks, by what they answer. Names with a colon are filled from `path`. */
export interface GetRoutes {
  '/api/logs': List<StoredLog>;
  '/api/logs/:id': StoredLog;
  '/api/logs/histogram': Histogram;
  '/api/logs/facets': Facets;
  '/api/logs/patterns': Patterns;
  '/api/logs/:id/context': LogContext;
  '/api/metrics': List<StoredMetric>;
  '/api/metrics/names': { readonly data: readonly string[] };
  '/api/metrics/sources': { readonly data: readonly string[] };
  '/api/metrics/aggregate': MetricAggregate;
  '/api/metrics/errors': ErrorTrend;
  '/api/security': List<StoredSecurity>;
  '/api/services': List<ServiceState>;
  '/api/services/:service': ServiceOverview;
  '/api/traces': TraceList;
  '/api/traces/:trace_id': Trace;
  '/api/searches': List<SavedSearch>;
  '/api/dashboards': List<Dashboard>;
  '/api/dashboards/:id': Dashboard;
  '/api/metrics/latest': List<LatestMetric>;
  '/api/alerts': List<Rule>;
  '/api/alerts/:id': Rule;
  '/api/alerts/:id/decisions': List<Decision>;
  '/api/alerts/incidents': List<Incident>;
  '/api/alerts/incidents/:id': Incident;
  '/api/alerts/incidents/:id/decisions': List<Decision>;
  '/api/alerts/deliveries': List<Delivery>;
  '/api/alerts/channels': List<Channel>;
  '/api/alerts/silences': List<Silence>;
  '/api/stats': Stats;
}
export type GetRoute = keyof GetRoutes;

export type {
  Dashboard,
  Decision,
  Delivery,
  ErrorTrend,
  Facets,
  Histogram,
  Incident,
  MetricAggregate,
  Patterns,
  Preview,
  Rule,
  SavedSearch,
  ServiceOverview,
  ServiceState,
  Silence,
  StoredHeartbeat,
  StoredLog,
  StoredMetric,
  StoredSecurity,
  Trace,
  TraceSummary,
};

export type Pattern = Patterns['data'][number];
export type MetricSeries = MetricAggregate['data'][number];
export type TraceItem = Trace['data'][number];
export type Span = Extract<TraceItem, { kind: 'span' }>;

/** A way to reach people, as it may be shown. */
export type Channel = StoredChannel & { readonly problem: string | null };

/** Figures of a replica: some sections by name, and whatever else it reports. */
export interface Stats {
  readonly version: string;
  readonly uptime_s: number;
  readonly roles: readonly string[];
  readonly [section: string]: unknown;
}
