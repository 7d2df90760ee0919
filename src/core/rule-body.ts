import type { TSchema } from '@sinclair/typebox';
import { RULE_SPECS, RULE_TYPES, type Rule, type RuleSpec, type RuleType } from '../../schemas/rule.ts';
import { explain, type Fault } from './check.ts';
import { ERROR_LEVELS } from './filter.ts';
import { ALL_SERVICES } from './fingerprint.ts';
import { type JsonObject as Body, isObject, mergePatch, without } from './json-object.ts';
import { ruleSpec } from './rule.ts';
import { meaningFaults } from './rule-meaning.ts';
import { madeName } from './rule-name.ts';
import { SchemaCheck } from './schema-check.ts';

export type RuleReading =
  | { readonly ok: true; readonly spec: RuleSpec }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const FLAT_FIELDS = ['threshold', 'windowMinutes', 'cooldownMinutes'] as const;
/** What the server adds to a rule: allowed in a PUT, so that what was read can be written back. */
const MADE_FIELDS = ['id', 'lastTriggeredAt', 'createdAt'] as const;

const CHECKS: Readonly<Record<RuleType, SchemaCheck<TSchema>>> = {
  threshold: new SchemaCheck(RULE_SPECS.threshold),
  rate_change: new SchemaCheck(RULE_SPECS.rate_change),
  anomaly: new SchemaCheck(RULE_SPECS.anomaly),
  log_count: new SchemaCheck(RULE_SPECS.log_count),
  security: new SchemaCheck(RULE_SPECS.security),
  heartbeat: new SchemaCheck(RULE_SPECS.heartbeat),
  absence: new SchemaCheck(RULE_SPECS.absence),
};

/**
 * A rule as a client may write it, brought to its full form: the event-logging system's flat body becomes a `log_count`
 * of errors, a missing name is made up, and a rule is enabled unless it says otherwise.
 */
export function readRule(body: unknown): RuleReading {
  if (!isObject(body)) return refused('body', 'must be a JSON object');
  const full = complete(isFlat(body) ? unflatten(body) : body);
  if (!isRuleType(full.type)) return refused('type', typeMessage(full.type));
  if (!isSpec(full, full.type)) return { ok: false, faults: explain(CHECKS[full.type], full) };
  const faults = meaningFaults(full);
  return faults.length === 0 ? { ok: true, spec: full } : { ok: false, faults };
}

/** As `readRule`, and what the server added may stand in the body; it is ignored. */
export function readReplacement(body: unknown): RuleReading {
  if (!isObject(body)) return refused('body', 'must be a JSON object');
  return readRule(without(body, MADE_FIELDS));
}

/**
 * A rule with some of its fields changed, as JSON Merge Patch (RFC 7396) says: null takes a field away. `threshold`,
 * `windowMinutes` and `cooldownMinutes` may stand outside the condition, as in a flat body.
 */
export function readPatch(rule: Rule, body: unknown): RuleReading {
  if (!isObject(body)) return refused('body', 'must be a JSON object');
  const { condition: changed, ...rest } = without(body, MADE_FIELDS);
  if (changed !== undefined && !isObject(changed)) return refused('condition', 'must be a JSON object');
  const spec = ruleSpec(rule);
  const flat = Object.fromEntries(FLAT_FIELDS.filter((key) => key in rest).map((key) => [key, rest[key]]));
  const sameType = rest.type === undefined || rest.type === spec.type;
  const condition = mergePatch(sameType ? spec.condition : {}, { ...flat, ...changed });
  return readRule({ ...mergePatch(spec, without(rest, FLAT_FIELDS)), condition });
}

function isFlat(body: Body): boolean {
  return body.condition === undefined && (body.type === undefined || body.type === 'log_count');
}

function unflatten(body: Body): Body {
  const condition: Record<string, unknown> = { level: [...ERROR_LEVELS] };
  for (const key of FLAT_FIELDS) if (key in body) condition[key] = body[key];
  return { ...without(body, FLAT_FIELDS), type: 'log_count', condition };
}

function complete(body: Body): Body {
  const { service, ...rest } = body;
  const named = service === undefined || service === ALL_SERVICES ? {} : { service };
  return { name: madeName(body), type: body.type, ...named, enabled: true, ...rest };
}

function isRuleType(type: unknown): type is RuleType {
  return RULE_TYPES.some((known) => known === type);
}

function typeMessage(type: unknown): string {
  const known = `must be one of ${RULE_TYPES.join(', ')}`;
  return typeof type === 'string' ? `${known}; there is no type ${JSON.stringify(type.slice(0, 40))}` : known;
}

function isSpec(body: unknown, type: RuleType): body is RuleSpec {
  return CHECKS[type].Check(body);
}

function refused(field: string, message: string): RuleReading {
  return { ok: false, faults: [{ field, message }] };
}
