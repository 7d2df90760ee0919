import { type Static, Type } from '@sinclair/typebox';
import { list, oneOf, Service } from './common.ts';
import { KINDS } from './event.ts';
import { HEALTH_STATES } from './heartbeat.ts';
import { LIMITS } from './limits.ts';
import { LEVELS } from './log.ts';
import { SECURITY_TYPES, SEVERITIES } from './security.ts';

/** `90s`, `5m`, `1h`, `7d`. */
const Duration = Type.String({
  pattern: '^[1-9][0-9]{0,6}[smhd]$',
  description: 'Such as `90s`, `5m`, `1h`, `7d`',
  expects: 'a duration such as 90s, 5m, 1h or 7d',
});

const OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq'] as const;
export type Operator = (typeof OPERATORS)[number];
export const RULE_AGGREGATES = ['last', 'avg', 'min', 'max', 'sum', 'count', 'p50', 'p90', 'p95', 'p99'] as const;
export type RuleAggregate = (typeof RULE_AGGREGATES)[number];
export const ANOMALY_METHODS = ['zscore', 'iqr', 'seasonal'] as const;
export type AnomalyMethod = (typeof ANOMALY_METHODS)[number];
const RULE_SEVERITIES = ['info', 'warning', 'critical'] as const;

const closed = { additionalProperties: false };
const MetricName = Type.String({ minLength: 1, maxLength: LIMITS.metricName });

/** One of a closed set, or several. */
const someOf = <const T extends readonly string[]>(words: T) =>
  Type.Optional(Type.Union([oneOf(words), Type.Array(oneOf(words), { minItems: 1 })]));

const ThresholdCondition = Type.Object(
  {
    metric: MetricName,
    operator: oneOf(OPERATORS),
    threshold: Type.Number(),
    duration: Type.Optional(Duration),
    aggregate: Type.Optional(oneOf(RULE_AGGREGATES)),
    tags: Type.Optional(Type.Record(Type.String(), Type.String())),
  },
  closed,
);

const RateChangeCondition = Type.Object(
  {
    metric: MetricName,
    operator: oneOf(OPERATORS),
    threshold: Type.Number({ description: 'Percent: 50 is half as much again, -50 is half as much' }),
    duration: Duration,
    aggregate: Type.Optional(oneOf(RULE_AGGREGATES, '`avg` if not given')),
  },
  closed,
);

const AnomalyCondition = Type.Object(
  {
    metric: MetricName,
    method: oneOf(ANOMALY_METHODS),
    threshold: Type.Number({
      exclusiveMinimum: 0,
      description: 'How far off is too far: standard deviations, or interquartile ranges for `iqr`',
    }),
    duration: Duration,
  },
  closed,
);

export const LogCountCondition = Type.Object(
  {
    level: someOf(LEVELS),
    q: Type.Optional(Type.String({ maxLength: LIMITS.searchText })),
    threshold: Type.Integer({ minimum: 1 }),
    windowMinutes: Type.Number({ exclusiveMinimum: 0, maximum: 7 * 24 * 60 }),
    cooldownMinutes: Type.Number({ minimum: 0, maximum: 7 * 24 * 60 }),
  },
  closed,
);

const SecurityCondition = Type.Object(
  {
    event_type: someOf(SECURITY_TYPES),
    severity: someOf(SEVERITIES),
    source_ip: Type.Optional(Type.String({ format: 'ip', maxLength: 45 })),
    threshold: Type.Integer({ minimum: 1 }),
    duration: Duration,
  },
  closed,
);

const HeartbeatCondition = Type.Object(
  {
    older_than: Type.Optional(Duration),
    status: Type.Optional(oneOf(HEALTH_STATES)),
    learn: Type.Optional(Type.Boolean({ description: 'How long it may be silent is learnt from its history' })),
  },
  { ...closed, minProperties: 1 },
);

const AbsenceCondition = Type.Object(
  {
    kind: Type.Optional(oneOf(KINDS, '`metric` if there is one, else `log`')),
    q: Type.Optional(Type.String({ maxLength: LIMITS.searchText })),
    metric: Type.Optional(MetricName),
    duration: Type.Optional(Duration),
    learn: Type.Optional(Type.Boolean({ description: 'How long nothing may come is learnt from its history' })),
  },
  { ...closed, minProperties: 1 },
);

/** A field whose values each make a group. Which ones there are depends on the rule's type. */
const GroupField = Type.String({
  pattern: `^([a-z_]+|tags\\.[^]{1,${LIMITS.tagKey}})$`,
  expects: 'a field such as service, host or tags.region',
});

const common = {
  name: Type.String({ minLength: 1, maxLength: 200 }),
  service: Type.Optional(Service),
  enabled: Type.Boolean({ default: true }),
  group_by: Type.Optional(
    Type.Array(GroupField, {
      minItems: 1,
      maxItems: LIMITS.groupFields,
      uniqueItems: true,
      description: 'An incident for each group',
    }),
  ),
  for: Type.Optional(Duration),
  resolve_after: Type.Optional(Duration),
  channels: Type.Optional(Type.Array(Type.String({ maxLength: LIMITS.id }), { maxItems: 50 })),
  webhook: Type.Optional(Type.String({ maxLength: 2048, description: 'An http or https URL' })),
  severity: Type.Optional(oneOf(RULE_SEVERITIES)),
};

/** A rule's own words, by type: each adds a condition. */
export const RULE_SPECS = {
  threshold: Type.Object({ ...common, type: Type.Literal('threshold'), condition: ThresholdCondition }, closed),
  rate_change: Type.Object({ ...common, type: Type.Literal('rate_change'), condition: RateChangeCondition }, closed),
  anomaly: Type.Object({ ...common, type: Type.Literal('anomaly'), condition: AnomalyCondition }, closed),
  log_count: Type.Object({ ...common, type: Type.Literal('log_count'), condition: LogCountCondition }, closed),
  security: Type.Object({ ...common, type: Type.Literal('security'), condition: SecurityCondition }, closed),
  heartbeat: Type.Object({ ...common, type: Type.Literal('heartbeat'), condition: HeartbeatCondition }, closed),
  absence: Type.Object({ ...common, type: Type.Literal('absence'), condition: AbsenceCondition }, closed),
} as const;

export type RuleType = keyof typeof RULE_SPECS;
export type RuleSpecOf<T extends RuleType> = Static<(typeof RULE_SPECS)[T]>;
export type RuleSpec = { [T in RuleType]: Static<(typeof RULE_SPECS)[T]> }[RuleType];

const MaybeTime = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
const made = { id: Type.String(), lastTriggeredAt: MaybeTime, createdAt: Type.String({ format: 'date-time' }) };

/** What should page whom, and when. */
export const Rule = Type.Union(
  [
    Type.Object({ ...RULE_SPECS.threshold.properties, ...made }),
    Type.Object({ ...RULE_SPECS.rate_change.properties, ...made }),
    Type.Object({ ...RULE_SPECS.anomaly.properties, ...made }),
    Type.Object({ ...RULE_SPECS.log_count.properties, ...made }),
    Type.Object({ ...RULE_SPECS.security.properties, ...made }),
    Type.Object({ ...RULE_SPECS.heartbeat.properties, ...made }),
    Type.Object({ ...RULE_SPECS.absence.properties, ...made }),
  ],
  { $id: 'Rule' },
);
export type Rule = Static<typeof Rule>;

export const RULE_TYPES = Object.keys(RULE_SPECS) as readonly RuleType[];

export const RuleList = list(Rule);

/** The event-logging system's rule: so many errors (`error` and `fatal`) of a service in a window. */
const FlatRule = Type.Object(
  {
    service: Type.Optional(Service),
    threshold: LogCountCondition.properties.threshold,
    windowMinutes: LogCountCondition.properties.windowMinutes,
    cooldownMinutes: LogCountCondition.properties.cooldownMinutes,
    name: Type.Optional(common.name),
    enabled: Type.Optional(common.enabled),
    channels: common.channels,
    webhook: common.webhook,
  },
  closed,
);

const optional = { name: Type.Optional(common.name), enabled: Type.Optional(common.enabled) };

/** A rule as a client sends it: a name is made when there is none, and a rule is enabled unless it says otherwise. */
export const RuleBody = Type.Union(
  [
    Type.Object({ ...RULE_SPECS.threshold.properties, ...optional }, closed),
    Type.Object({ ...RULE_SPECS.rate_change.properties, ...optional }, closed),
    Type.Object({ ...RULE_SPECS.anomaly.properties, ...optional }, closed),
    Type.Object({ ...RULE_SPECS.log_count.properties, ...optional }, closed),
    Type.Object({ ...RULE_SPECS.security.properties, ...optional }, closed),
    Type.Object({ ...RULE_SPECS.heartbeat.properties, ...optional }, closed),
    Type.Object({ ...RULE_SPECS.absence.properties, ...optional }, closed),
    FlatRule,
  ],
  { $id: 'RuleBody' },
);
