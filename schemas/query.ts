import { type TProperties, Type } from '@sinclair/typebox';
import { HEALTH_STATES } from './heartbeat.ts';
import { LIMITS } from './limits.ts';
import { LEVELS } from './log.ts';
import { SECURITY_TYPES, SEVERITIES } from './security.ts';

/** Events of one page when the client does not say. */
export const DEFAULT_PAGE = 50;

const text = (maxLength: number, description?: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, ...(description !== undefined && { description }) }));

/** Some of a closed set, separated by commas. */
const someOf = (words: readonly string[]) => text(256, `Some of ${words.join(', ')}, separated by commas`);
/** One of a scale, from least to most. */
const fromOn = (words: readonly string[]) => text(32, `This or worse: ${words.join(', ')}`);
const moment = (end: string) => text(40, `${end}, included: RFC 3339, or relative such as \`now-1h\``);

/** When, and by what every kind of event can be chosen. */
const common = {
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
} as const;

/** Which part of a list, and in which order. */
export const PAGE_PARAMETERS = {
  page: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,8}$', description: 'From 1; not together with `cursor`' })),
  limit: Type.Optional(
    Type.String({
      pattern: '^[1-9][0-9]{0,8}$',
      description: `Items of a page: ${DEFAULT_PAGE} if not given, more than ${LIMITS.page} is capped`,
    }),
  ),
  cursor: text(512, 'The `next_cursor` of the page before'),
  order: Type.Optional(
    Type.String({ pattern: '^(asc|desc)$', description: 'By time: `desc` (newest first) or `asc`' }),
  ),
  total: Type.Optional(Type.String({ pattern: '^(exact|none)$', description: '`none` skips the count' })),
};

/**
 * A query string in which nothing else may stand: every value is a string, so that a parameter given twice (a list)
 * is refused, as is one that nobody knows.
 */
export function closedQuery<P extends TProperties>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}

/** The same for events: any tag may be asked for. */
export function eventQuery<P extends TProperties>(properties: P) {
  return Type.Object(properties, {
    additionalProperties: false,
    patternProperties: { '^tags\\.': Type.String({ maxLength: LIMITS.tagValue }) },
  });
}

export const LogQuery = eventQuery({ ...PAGE_PARAMETERS, ...FILTER_PARAMETERS.log });
export const MetricQuery = eventQuery({ ...PAGE_PARAMETERS, ...FILTER_PARAMETERS.metric });
export const SecurityQuery = eventQuery({ ...PAGE_PARAMETERS, ...FILTER_PARAMETERS.security });
