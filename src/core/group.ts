import type { Kind } from '../../schemas/event.ts';
import type { RuleSpec } from '../../schemas/rule.ts';
import type { Field } from './filter.ts';
import { readsHeartbeatAge } from './rule.ts';

/** One group of a rule: what its incident is called, and the values that make it. */
export interface Group {
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** How a group is called whose events do not have the field. */
const NO_VALUE = '(none)';

/** What events of a kind can be grouped by, besides `tags.<key>`. */
const FIELDS: Readonly<Record<Kind, readonly Field[]>> = {
  log: ['service', 'host', 'level'],
  metric: ['service', 'host'],
  security: ['service', 'host', 'type', 'severity', 'source_ip'],
  heartbeat: ['service', 'host'],
  span: ['service', 'name'],
};

/** The kind of events a rule looks at. */
export function kindOf(rule: RuleSpec): Kind {
  switch (rule.type) {
    case 'log_count':
      return 'log';
    case 'threshold':
    case 'rate_change':
    case 'anomaly':
      return 'metric';
    case 'absence':
      return rule.condition.kind ?? (rule.condition.metric === undefined ? 'log' : 'metric');
    default:
      return rule.type;
  }
}

/** What makes the groups of a rule, in the order its owner gave; none: the rule has one incident. */
export function groupFields(rule: RuleSpec): readonly Field[] {
  const kind = readsHeartbeatAge(rule) ? 'heartbeat' : kindOf(rule);
  return (rule.group_by ?? []).flatMap((field) => groupField(kind, field) ?? []);
}

/** `text` as a field that events of a kind can be grouped by; undefined when it is none. Heartbeats are known by host alone. */
export function groupField(kind: Kind, text: string): Field | undefined {
  if (kind !== 'heartbeat' && isTag(text)) return text;
  return FIELDS[kind].find((field) => field === text);
}

/** What a kind can be grouped by, for a person. */
export function groupFieldNames(kind: Kind): string {
  return [...FIELDS[kind], ...(kind === 'heartbeat' ? [] : ['tags.<key>'])].join(', ');
}

/**
 * The group that has these values in these fields: by its value when it is made by one field (`eu`), by all of them when
 * by several (`host=h1,tags.region=eu`). No two groups of one rule have the same name.
 */
export function groupOf(fields: readonly Field[], values: readonly (string | null)[]): Group {
  const named = fields.map((field, index) => [field, values[index] ?? null] as const);
  const [only] = named;
  const name =
    named.length === 1 && only !== undefined
      ? valueName(only[1])
      : named.map(([field, value]) => `${escaped(field)}=${escaped(valueName(value))}`).join(',');
  return {
    name,
    fields: Object.fromEntries(named.flatMap(([field, value]) => (value === null ? [] : [[field, value]]))),
  };
}

function valueName(value: string | null): string {
  if (value === null) return NO_VALUE;
  return value.endsWith(NO_VALUE) ? `\\${value}` : value;
}

function escaped(text: string): string {
  return text.replace(/[\\,=]/g, '\\$&');
}

function isTag(text: string): text is `tags.${string}` {
  return text.startsWith('tags.') && text.length > 'tags.'.length;
}
