import { type Static, Type } from '@sinclair/typebox';
import { list, oneOf } from './common.ts';
import { HEALTH_STATES } from './heartbeat.ts';
import { LIMITS } from './limits.ts';
import { LEVELS, StoredLog } from './log.ts';
import { StoredMetric } from './metric.ts';
import { closedQuery, common, eventQuery, FILTER_PARAMETERS, fitting, flag, LIST_PARAMETERS, text } from './query.ts';
import { SEVERITIES, StoredSecurity } from './security.ts';
import { kindedSpan, StoredSpan } from './span.ts';

const Time = Type.String({ format: 'date-time' });
const upTo = (most: number, description: string) =>
  fitting('^[1-9][0-9]{0,8}$', 'a whole number from 1 up', `${description}; more than ${most} is capped`);
const counts = (words: readonly string[]) =>
  Type.Object(Object.fromEntries(words.map((word) => [word, Type.Optional(Type.Integer())])));

/** What logs can be counted by, besides `tags.<key>`. */
export const FACET_FIELDS = ['service', 'level', 'host', 'trace_id'] as const;
/** Fields of one answer, and values of each: what a page's sidebar shows. */
export const MAX_FACETS = 10;
export const FACET_VALUES = { usual: 10, most: 100 } as const;

export const FacetsQuery = eventQuery({
  ...FILTER_PARAMETERS.log,
  fields: text(1024, `Some of ${FACET_FIELDS.join(', ')}, tags.<key>, with commas; service,level,host if not given`),
  limit: upTo(FACET_VALUES.most, `Values of each field: ${FACET_VALUES.usual} if not given`),
});
export const Facets = Type.Object(
  {
    data: Type.Record(Type.String(), Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() }))),
    total: Type.Integer({ description: 'Logs that match, with or without a value' }),
    exact: Type.Boolean(),
  },
  { $id: 'Facets' },
);
export type Facets = Static<typeof Facets>;

/** Patterns of one answer. */
export const PATTERNS = { usual: 50, most: 500 } as const;
export const PatternsQuery = eventQuery({
  ...FILTER_PARAMETERS.log,
  limit: upTo(PATTERNS.most, `Patterns: ${PATTERNS.usual} if not given`),
});
export const Patterns = Type.Object(
  {
    data: Type.Array(
      Type.Object({
        pattern: Type.String({
          description: 'What the messages have in common; `<num>` and the like, or `<*>`, elsewhere',
        }),
        count: Type.Integer({ description: 'Of the logs that were read' }),
        share: Type.Number({ description: 'Of the logs that were read, from 0 to 1' }),
        levels: counts(LEVELS),
        example: StoredLog,
      }),
      { description: 'The most frequent first' },
    ),
    read: Type.Integer({ description: 'Logs that were read: the newest that match' }),
    total: Type.Integer({ description: 'Logs that match' }),
    exact: Type.Boolean({ description: 'Whether all that match were read' }),
  },
  { $id: 'Patterns' },
);
export type Patterns = Static<typeof Patterns>;

/** Neighbours on each side. */
export const CONTEXT = { usual: 10, most: LIMITS.page } as const;
export const ContextQuery = closedQuery({
  before: fitting('^[0-9]{1,9}$', 'a whole number from 0 up', `Logs before it: ${CONTEXT.usual} if not given`),
  after: fitting('^[0-9]{1,9}$', 'a whole number from 0 up', `Logs after it: ${CONTEXT.usual} if not given`),
});
/** A log among those of the same service and host, all in the order of time. */
export const LogContext = Type.Object(
  { before: Type.Array(StoredLog), event: StoredLog, after: Type.Array(StoredLog) },
  { $id: 'LogContext' },
);

const kinded = { kind: Type.Literal('span'), span_kind: kindedSpan.span_kind };
/** Everything that carries one trace id, of all kinds, in the order of time. */
export const Trace = Type.Object(
  {
    trace_id: Type.String(),
    started_at: Time,
    duration_ms: Type.Number({ description: 'From the first start to the last end' }),
    services: Type.Array(Type.String()),
    data: Type.Array(
      Type.Union([
        Type.Object({ ...StoredLog.properties, kind: Type.Literal('log') }),
        Type.Object({ ...StoredMetric.properties, kind: Type.Literal('metric') }),
        Type.Object({ ...StoredSecurity.properties, kind: Type.Literal('security') }),
        Type.Object({ ...StoredSpan.properties, ...kinded }),
      ]),
    ),
    truncated: Type.Boolean({ description: 'Whether there is more than one answer holds; the earliest are here' }),
  },
  { $id: 'Trace' },
);

export const METRIC_FUNCTIONS = [
  'avg',
  'min',
  'max',
  'sum',
  'count',
  'rate',
  'last',
  'p50',
  'p90',
  'p95',
  'p99',
] as const;
export type MetricFunction = (typeof METRIC_FUNCTIONS)[number];
export const GROUP_FIELDS = ['service', 'host', 'name'] as const;
export const MAX_GROUP_FIELDS = 4;

const { name: metricName, ...otherMetricFilters } = FILTER_PARAMETERS.metric;
export const AggregateQuery = eventQuery({
  ...otherMetricFilters,
  name: Type.String({ minLength: 1, maxLength: LIMITS.metricName }),
  fn: text(
    128,
    `Some of ${METRIC_FUNCTIONS.join(', ')}, with commas; avg if not given. \`rate\` is a counter's increase per second`,
  ),
  step: text(16, 'Width of a step, such as `1m`; chosen from the range if not given'),
  group_by: text(1024, `Some of ${GROUP_FIELDS.join(', ')}, tags.<key>, with commas`),
  exact: flag('`true`: percentiles of long ranges too come from the values themselves, which takes longer'),
});
/** Statistics of a metric in time. Steps without values are left out. */
export const Aggregate = Type.Object(
  {
    name: Type.String(),
    step: Type.String(),
    data: Type.Array(
      Type.Object({
        group: Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])),
        points: Type.Array(
          Type.Object({ time: Time }, { additionalProperties: Type.Number({ description: 'One for each of `fn`' }) }),
        ),
      }),
    ),
    exact: Type.Boolean({ description: 'False when percentiles are estimates' }),
  },
  { $id: 'Aggregate' },
);
export type Aggregate = Static<typeof Aggregate>;

/** Of metrics by their series or name: the last day if no range is given. */
export const SeriesQuery = eventQuery({ ...LIST_PARAMETERS, ...FILTER_PARAMETERS.metric });
export const LatestMetric = Type.Object(
  {
    name: Type.String(),
    service: Type.String(),
    host: Type.Union([Type.String(), Type.Null()]),
    value: Type.Number(),
    timestamp: Time,
  },
  { $id: 'LatestMetric' },
);
export type LatestMetric = Static<typeof LatestMetric>;
export const LatestMetrics = list(LatestMetric);

export const MetricStats = Type.Object(
  {
    name: Type.String(),
    count: Type.Integer(),
    avg: Type.Number(),
    min: Type.Number(),
    max: Type.Number(),
    sum: Type.Number(),
    last: Type.Number(),
    last_seen: Time,
  },
  { $id: 'MetricStats' },
);
export type MetricStats = Static<typeof MetricStats>;
export const MetricStatsList = list(MetricStats);

/** The range of an overview: the last hour if not given. */
export const OverviewQuery = closedQuery({ from: common.from, to: common.to });
const Maybe = <T extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Number>>(schema: T) =>
  Type.Union([schema, Type.Null()]);
/** How one service is, and was in a range of time. */
export const ServiceOverview = Type.Object(
  {
    service: Type.String(),
    status: Type.Union([oneOf([...HEALTH_STATES, 'stale']), Type.Null()], {
      description: 'Null: it sends no heartbeats',
    }),
    last_seen: Maybe(Time),
    versions: Type.Array(Type.String()),
    hosts: Type.Array(Type.String()),
    from: Time,
    to: Time,
    logs: Type.Object({ total: Type.Integer(), levels: counts(LEVELS), error_share: Type.Number() }),
    security: Type.Object({ total: Type.Integer(), severities: counts(SEVERITIES) }),
    spans: Type.Object({
      total: Type.Integer(),
      errors: Type.Integer(),
      p50_ms: Maybe(Type.Number()),
      p95_ms: Maybe(Type.Number()),
      p99_ms: Maybe(Type.Number()),
    }),
    metrics: Type.Array(Type.Object({ name: Type.String(), last: Type.Number(), timestamp: Time }), {
      description: 'The newest value of each, by name',
    }),
  },
  { $id: 'ServiceOverview' },
);
export type ServiceOverview = Static<typeof ServiceOverview>;
