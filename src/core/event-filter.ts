import type { Kind } from '../../schemas/event.ts';
import { HEALTH_STATES } from '../../schemas/heartbeat.ts';
import { LIMITS } from '../../schemas/limits.ts';
import { LEVELS } from '../../schemas/log.ts';
import { SECURITY_TYPES, SEVERITIES } from '../../schemas/security.ts';
import { SPAN_STATES } from '../../schemas/span.ts';
import { all, atLeast, equals, type Field, type Filter } from './filter.ts';
import { FilterError } from './filter-error.ts';
import { regexTest } from './regex.ts';
import { parseSearch } from './search.ts';
import { timeRange } from './time-range.ts';

/** Reads one parameter's text. Throws FilterError naming `name`. */
type Parameter = (text: string, name: string) => Filter;

const word =
  (field: Field): Parameter =>
  (text) =>
    equals(field, text);

/** Some of a closed set, separated by commas. */
const someOf =
  (field: Field, allowed: readonly string[]): Parameter =>
  (text, name) => {
    const values = text.split(',');
    for (const value of values) checkWord(value, allowed, name);
    return { op: 'one_of', field, values };
  };

/** One of a scale, and all that is above it. */
const fromOn =
  (field: Field, scale: readonly string[]): Parameter =>
  (text, name) => {
    checkWord(text, scale, name);
    return { op: 'one_of', field, values: atLeast(scale, text) };
  };

const regex: Parameter = (pattern, name) => {
  // Compiled here for its errors alone: a store must never meet an expression that is none.
  regexTest(pattern, name);
  return { op: 'regex', pattern };
};

const COMMON = { service: word('service'), host: word('host'), trace_id: word('trace_id') };

/** The parameters by which events of each kind are chosen, besides `from`, `to` and `tags.<key>`. */
const PARAMETERS: Readonly<Record<Kind, ReadonlyMap<string, Parameter>>> = {
  log: parameters({
    ...COMMON,
    level: someOf('level', LEVELS),
    min_level: fromOn('level', LEVELS),
    q: parseSearch,
    regex,
  }),
  metric: parameters({ ...COMMON, name: word('name') }),
  security: parameters({
    ...COMMON,
    ip: word('source_ip'),
    type: someOf('type', SECURITY_TYPES),
    severity: someOf('severity', SEVERITIES),
    min_severity: fromOn('severity', SEVERITIES),
  }),
  heartbeat: parameters({ ...COMMON, status: someOf('status', HEALTH_STATES) }),
  span: parameters({ ...COMMON, name: word('name'), status: someOf('status', SPAN_STATES) }),
};

function parameters(table: Readonly<Record<string, Parameter>>): ReadonlyMap<string, Parameter> {
  return new Map(Object.entries(table));
}

/**
 * What a client asks for, from the parameters of a query string or of a live subscription: all of them must hold.
 * `now` is what relative times count from. A parameter that is undefined counts as not given.
 * @throws FilterError for a parameter that is unknown to the kind, and for a value that makes no sense
 */
export function eventFilter(kind: Kind, params: Readonly<Record<string, string | undefined>>, now: number): Filter {
  const filters: Filter[] = [];
  const { from, to } = timeRange(params.from, params.to, now);
  if (from !== undefined || to !== undefined) {
    filters.push({ op: 'time', ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
  }
  for (const name in params) {
    const text = params[name];
    if (text !== undefined && name !== 'from' && name !== 'to') filters.push(parameter(kind, name, text));
  }
  return all(...filters);
}

function parameter(kind: Kind, name: string, text: string): Filter {
  const wellFormed = text.replace(/\p{Surrogate}/gu, '\ufffd');
  if (isTag(name)) return tag(name, wellFormed);
  if (text === '') throw new FilterError(name, 'must not be empty');
  const read = PARAMETERS[kind].get(name);
  if (read === undefined) throw new FilterError(name, 'is not a known parameter');
  return read(wellFormed, name);
}

function isTag(name: string): name is `tags.${string}` {
  return name.startsWith('tags.');
}

function tag(field: `tags.${string}`, value: string): Filter {
  if (field.length > 'tags.'.length + LIMITS.tagKey) {
    throw new FilterError(field, `must have a key of at most ${LIMITS.tagKey} characters`);
  }
  return equals(field, value);
}

function checkWord(value: string, allowed: readonly string[], name: string): void {
  if (!allowed.includes(value)) throw new FilterError(name, `must be one of ${allowed.join(', ')}`);
}
