import type { TSchema } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import { RULE_SPECS, RULE_TYPES, type Rule, type RuleSpec, type RuleType } from '../../schemas/rule.ts';
import { explain, type Fault } from './check.ts';
import { ERROR_LEVELS } from './filter.ts';
import { FilterError } from './filter-error.ts';
import { ALL_SERVICES } from './fingerprint.ts';
import { type JsonObject as Body, isObject, mergePatch, without } from './json-object.ts';
import { HEARTBEAT_AGE, ruleSpec } from './rule.ts';
import { parseSearch } from './search.ts';

export type RuleReading =
  | { readonly ok: true; readonly spec: RuleSpec }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const FLAT_FIELDS = ['threshold', 'windowMinutes', 'cooldownMinutes'] as const;
/** What the server adds to a rule: allowed in a PUT, so that what was read can be written back. */
const MADE_FIELDS = ['id', 'lastTriggeredAt', 'createdAt'] as const;

const CHECKS: Readonly<Record<RuleType, TypeCheck<TSchema>>> = {
  threshold: TypeCompiler.Compile(RULE_SPECS.threshold),
  log_count: TypeCompiler.Compile(RULE_SPECS.log_count),
  heartbeat: TypeCompiler.Compile(RULE_SPECS.heartbeat),
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

/** A name that says what the rule watches, for one that has none. Cut to what a name may hold. */
function madeName(body: Body): string {
  const condition = isObject(body.condition) ? body.condition : {};
  const { service } = body;
  const who = typeof service === 'string' && service !== ALL_SERVICES ? service : 'all services';
  return `${who}: ${madeReason(body.type, condition)}`.slice(0, 200);
}

function madeReason(type: unknown, condition: Body): string {
  switch (type) {
    case 'log_count':
      return `${condition.threshold} ${[condition.level ?? 'matching'].flat().join(' or ')} logs in ${condition.windowMinutes} min`;
    case 'threshold':
      return `${condition.metric} ${condition.operator} ${condition.threshold}`;
    default:
      return condition.older_than === undefined ? `reports ${condition.status}` : `silent for ${condition.older_than}`;
  }
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

/** What a schema cannot say. */
function meaningFaults(spec: RuleSpec): Fault[] {
  if (spec.type === 'log_count' && spec.condition.q !== undefined) return searchFaults(spec.condition.q);
  if (spec.type === 'threshold' && spec.condition.metric === HEARTBEAT_AGE) {
    const { aggregate, tags } = spec.condition;
    if (tags !== undefined) return [{ field: 'condition.tags', message: `does not apply to ${HEARTBEAT_AGE}` }];
    if (aggregate !== undefined && aggregate !== 'last') {
      return [{ field: 'condition.aggregate', message: `must be last, or left out, for ${HEARTBEAT_AGE}` }];
    }
  }
  return [];
}

function searchFaults(q: string): Fault[] {
  try {
    parseSearch(q);
    return [];
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return [{ field: 'condition.q', message: error.message }];
  }
}

function refused(field: string, message: string): RuleReading {
  return { ok: false, faults: [{ field, message }] };
}
