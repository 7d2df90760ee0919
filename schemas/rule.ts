import { type Static, Type } from '@sinclair/typebox';
import { list, oneOf, Service } from './common.ts';
import { HEALTH_STATES } from './heartbeat.ts';
import { LIMITS } from './limits.ts';
import { LEVELS } from './log.ts';

/** `90s`, `5m`, `1h`, `7d`. */
const Duration = Type.String({
  pattern: '^[1-9][0-9]{0,6}[smhd]$',
  description: 'Such as `90s`, `5m`, `1h`, `7d`',
  expects: 'a duration such as 90s, 5m, 1h or 7d',
});

const OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq'] as const;
export type Operator = (typeof OPERATORS)[number];
const RULE_AGGREGATES = ['last', 'avg', 'min', 'max', 'sum', 'count', 'p50', 'p90', 'p95', 'p99'] as const;
const RULE_SEVERITIES = ['info', 'warning', 'critical'] as const;

const closed = { additionalProperties: false };

const ThresholdCondition = Type.Object(
  {
    metric: Type.String({ minLength: 1, maxLength: LIMITS.metricName }),
    operator: oneOf(OPERATORS),
    threshold: Type.Number(),
    duration: Type.Optional(Duration),
    aggregate: Type.Optional(oneOf(RULE_AGGREGATES)),
    tags: Type.Optional(Type.Record(Type.String(), Type.String())),
  },
  closed,
);

export const LogCountCondition = Type.Object(
  {
    level: Type.Optional(Type.Union([oneOf(LEVELS), Type.Array(oneOf(LEVELS), { minItems: 1 })])),
    q: Type.Optional(Type.String({ maxLength: LIMITS.searchText })),
    threshold: Type.Integer({ minimum: 1 }),
    windowMinutes: Type.Number({ exclusiveMinimum: 0, maximum: 7 * 24 * 60 }),
    cooldownMinutes: Type.Number({ minimum: 0, maximum: 7 * 24 * 60 }),
  },
  closed,
);

const HeartbeatCondition = Type.Object(
  { older_than: Type.Optional(Duration), status: Type.Optional(oneOf(HEALTH_STATES)) },
  { ...closed, minProperties: 1 },
);

const common = {
  name: Type.String({ minLength: 1, maxLength: 200 }),
  service: Type.Optional(Service),
  enabled: Type.Boolean({ default: true }),
  for: Type.Optional(Duration),
  resolve_after: Type.Optional(Duration),
  channels: Type.Optional(Type.Array(Type.String({ maxLength: LIMITS.id }), { maxItems: 50 })),
  webhook: Type.Optional(Type.String({ maxLength: 2048, description: 'An http or https URL' })),
  severity: Type.Optional(oneOf(RULE_SEVERITIES)),
};

/** A rule's own words, by type: each adds a condition. */
export const RULE_SPECS = {
  threshold: Type.Object({ ...common, type: Type.Literal('threshold'), condition: ThresholdCondition }, closed),
  log_count: Type.Object({ ...common, type: Type.Literal('log_count'), condition: LogCountCondition }, closed),
  heartbeat: Type.Object({ ...common, type: Type.Literal('heartbeat'), condition: HeartbeatCondition }, closed),
} as const;

export type RuleType = keyof typeof RULE_SPECS;
export type RuleSpec = { [T in RuleType]: Static<(typeof RULE_SPECS)[T]> }[RuleType];

const MaybeTime = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
const made = { id: Type.String(), lastTriggeredAt: MaybeTime, createdAt: Type.String({ format: 'date-time' }) };

/** What should page whom, and when. */
export const Rule = Type.Union(
  [
    Type.Object({ ...RULE_SPECS.threshold.properties, ...made }),
    Type.Object({ ...RULE_SPECS.log_count.properties, ...made }),
    Type.Object({ ...RULE_SPECS.heartbeat.properties, ...made }),
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
    Type.Object({ ...RULE_SPECS.log_count.properties, ...optional }, closed),
    Type.Object({ ...RULE_SPECS.heartbeat.properties, ...optional }, closed),
    FlatRule,
  ],
  { $id: 'RuleBody' },
);
