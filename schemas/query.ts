import { type Static, type TProperties, Type } from '@sinclair/typebox';
import { oneOf } from './common.ts';
import { HEALTH_STATES } from './heartbeat.ts';
import { LIMITS } from './limits.ts';
import { LEVELS } from './log.ts';
import { SECURITY_TYPES, SEVERITIES } from './security.ts';
import { SPAN_STATES } from './span.ts';

/** Events of one page when the client does not say. */
export const DEFAULT_PAGE = 50;

export const text = (maxLength: number, description?: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, ...(description !== undefined && { description }) }));

/** Some of a closed set, separated by commas. */
const someOf = (words: readonly string[]) => text(256, `Some of ${words.join(', ')}, separated by commas`);
/** One of a scale, from least to most. */
const fromOn = (words: readonly string[]) => text(32, `This or worse: ${words.join(', ')}`);
const moment = (end: string) => text(40, `${end}, included: RFC 3339, or relative such as \`now-1h\``);

/** When, and by what every kind of event can be chosen. */
export const common = {
  from: moment('Start'),
  to: moment('End'),
  service: text(LIMITS.service),
  host: text(LIMITS.host),
  trace_id: text(LIMITS.id),
};

/** By what each kind is chosen, besides `tags.<key>`: what each means is in `core/event-filter.ts`. */
export const FILTER_PARAMETERS = {
  log: {
    ...common,
    level: someOf(LEVELS),
    min_level: fromOn(LEVELS),
    q: text(LIMITS.searchText, 'Words, `"a phrase"` and `-not` in the message, whole and whatever their case'),
    regex: text(LIMITS.regex, 'An RE2 expression that matches somewhere in the message'),
  },
  metric: { ...common, name: text(LIMITS.metricName) },
  security: {
    ...common,
    ip: text(45, 'The source address'),
    type: someOf(SECURITY_TYPES),
    severity: someOf(SEVERITIES),
    min_severity: fromOn(SEVERITIES),
  },
  heartbeat: { ...common, status: someOf(HEALTH_STATES) },
  span: { ...common, name: text(LIMITS.spanName), status: someOf(SPAN_STATES) },
} as const;

/** What the patterns below say, in words for whoever broke them. */
export const fitting = (pattern: string, expects: string, description: string) =>
  Type.Optional(Type.String({ pattern, expects, description }));

const page = (description: string) => fitting('^[1-9][0-9]{0,8}$', 'a whole number from 1 to 999999999', description);

/** Which part of a list. */
export const LIST_PARAMETERS = {
  page: page('From 1'),
  limit: fitting(
    '^[1-9][0-9]{0,14}$',
    'a whole number from 1 up',
    `Items of a page: ${DEFAULT_PAGE} if not given, more than ${LIMITS.page} is capped`,
  ),
};

/** Which part of a list of events, and in which order. */
const PAGE_PARAMETERS = {
  ...LIST_PARAMETERS,
  page: page(`From 1; beyond the first ${LIMITS.pagedEvents} events, and when others arrive, \`cursor\` instead`),
  cursor: text(512, 'The `next_cursor` of the page before'),
  order: fitting('^(asc|desc)$', 'asc or desc', 'By time: `desc` (newest first, as if not given) or `asc`'),
  total: fitting('^(exact|none)$', 'exact or none', '`none` skips the count'),
};

/** A query string in which nothing else may stand. Every value is a string: one given twice is a list, and refused. */
export function closedQuery<P extends TProperties>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}

/** The same for events, where any `tags.<key>` may stand too; `core/event-filter.ts` refuses every other name. */
export function eventQuery<P extends TProperties>(properties: P) {
  return Type.Object(properties, { additionalProperties: Type.String({ maxLength: LIMITS.tagValue }) });
}

export const flag = (description: string) => fitting('^(true|false)$', 'true or false', description);

export const LogQuery = eventQuery({
  ...PAGE_PARAMETERS,
  ...FILTER_PARAMETERS.log,
  highlight: flag('Whether each log says where in its message the words of `q` and the matches of `regex` are'),
});
export const MetricQuery = eventQuery({ ...PAGE_PARAMETERS, ...FILTER_PARAMETERS.metric });
export const SecurityQuery = eventQuery({ ...PAGE_PARAMETERS, ...FILTER_PARAMETERS.security });

export const ServiceQuery = closedQuery({
  ...LIST_PARAMETERS,
  service: text(LIMITS.service),
  host: text(LIMITS.host),
  status: someOf([...HEALTH_STATES, 'stale']),
});

/** What a histogram can be split by, besides `tags.<key>`. */
export const HISTOGRAM_FIELDS = ['level', 'service', 'host'] as const;

export const HistogramQuery = eventQuery({
  ...FILTER_PARAMETERS.log,
  interval: text(16, 'Width of a bucket, such as `1m`; chosen from the range if not given'),
  by: text(5 + LIMITS.tagKey, `${HISTOGRAM_FIELDS.join(', ')} or tags.<key>; level if not given`),
});

/** Counts in time. `total` also counts what has no value of `by`, and values beyond the most frequent ones. */
export const Histogram = Type.Object(
  {
    interval: Type.String(),
    from: Type.String({ format: 'date-time' }),
    to: Type.String({ format: 'date-time' }),
    data: Type.Array(
      Type.Object({
        time: Type.String({ format: 'date-time', description: 'Where the bucket begins' }),
        total: Type.Integer(),
        counts: Type.Record(Type.String(), Type.Integer()),
      }),
    ),
  },
  { $id: 'Histogram' },
);
export type Histogram = Static<typeof Histogram>;

/** The ranges of the error trend, with the width of their buckets. */
const TREND_RANGES = ['1h', '24h', '7d', '30d', '3m', '6m', '1y'] as const;
export type TrendRange = (typeof TREND_RANGES)[number];

export const ErrorTrendQuery = closedQuery({
  service: text(LIMITS.service, 'All services if not given'),
  range: Type.Optional(oneOf(TREND_RANGES, '24h if not given')),
});

/** Logs of the levels error and fatal, in time; empty buckets are zeros. A bare array, as older clients expect it. */
export const ErrorTrend = Type.Array(
  Type.Object({ time: Type.String({ format: 'date-time' }), count: Type.Integer() }),
  { $id: 'ErrorTrend' },
);
export type ErrorTrend = Static<typeof ErrorTrend>;

export const DiscoveryQuery = closedQuery({ from: common.from, to: common.to, service: common.service });
export const Words = Type.Object({ data: Type.Array(Type.String()) }, { $id: 'Words' });
