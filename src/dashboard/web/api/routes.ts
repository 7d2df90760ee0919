import type { Static, TSchema } from '@sinclair/typebox';
import type { list } from '../../../../schemas/common.ts';
import type { ServiceState, StoredHeartbeat } from '../../../../schemas/heartbeat.ts';
import type { Incident } from '../../../../schemas/incident.ts';
import type { StoredLog } from '../../../../schemas/log.ts';
import type { StoredMetric } from '../../../../schemas/metric.ts';
import type { ErrorTrend, Histogram } from '../../../../schemas/query.ts';
import type { Rule } from '../../../../schemas/rule.ts';
import type { StoredSecurity } from '../../../../schemas/security.ts';

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
  '/api/traces/:trace_id': Trace;
  '/api/searches': List<SavedSearch>;
  '/api/alerts': List<Rule>;
  '/api/alerts/incidents': List<Incident>;
  '/api/stats': Stats;
}
export type GetRoute = keyof GetRoutes;

export type {
  ErrorTrend,
  Histogram,
  Incident,
  Rule,
  ServiceState,
  StoredHeartbeat,
  StoredLog,
  StoredMetric,
  StoredSecurity,
};

export interface Facets {
  readonly data: Readonly<Record<string, readonly { readonly value: string; readonly count: number }[]>>;
  readonly total: number;
}

export interface Pattern {
  readonly pattern: string;
  readonly count: number;
  readonly share: number;
  readonly levels: Readonly<Record<string, number>>;
  readonly example: StoredLog;
}
export interface Patterns {
  readonly data: readonly Pattern[];
}

export interface LogContext {
  readonly before: readonly StoredLog[];
  readonly event: StoredLog;
  readonly after: readonly StoredLog[];
}

export interface MetricSeries {
  readonly group: Readonly<Record<string, string | null>>;
  readonly points: readonly ({ readonly time: string } & Readonly<Record<string, number | string>>)[];
}
export interface MetricAggregate {
  readonly name: string;
  readonly step: string;
  readonly data: readonly MetricSeries[];
  readonly exact: boolean;
}

export interface Span {
  readonly kind: 'span';
  readonly id: string;
  readonly timestamp: string;
  readonly service: string;
  readonly name: string;
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id?: string;
  readonly start: string;
  readonly end: string;
  readonly status?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}
export type TraceItem =
  | Span
  | ({ readonly kind: 'log' } & StoredLog)
  | ({ readonly kind: 'metric' } & StoredMetric)
  | ({ readonly kind: 'security' } & StoredSecurity);
export interface Trace {
  readonly trace_id: string;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly services: readonly string[];
  readonly data: readonly TraceItem[];
  /** Whether there is more than one answer holds. */
  readonly truncated?: boolean;
}

export interface ServiceOverview {
  readonly versions: readonly string[];
  readonly hosts: readonly string[];
  readonly logs: { readonly total: number; readonly error_share: number };
  readonly security: { readonly total: number };
  readonly spans: {
    readonly total: number;
    readonly errors: number;
    readonly p50_ms: number | null;
    readonly p95_ms: number | null;
  };
  readonly metrics: readonly { readonly name: string; readonly last: number; readonly timestamp: string }[];
}

export interface SavedSearch {
  readonly id: string;
  readonly name: string;
  /** Parameters, as in a query string. */
  readonly query: Readonly<Record<string, string>>;
}

/** Figures of a replica: some sections by name, and whatever else it reports. */
export interface Stats {
  readonly version: string;
  readonly uptime_s: number;
  readonly roles: readonly string[];
  readonly [section: string]: unknown;
}
