import type { RuleSpec } from '../../schemas/rule.ts';
import type { Field } from '../core/filter.ts';
import { ALL_SERVICES } from '../core/fingerprint.ts';
import { groupFields, groupOf } from '../core/group.ts';
import type { Reading } from '../core/incident.ts';
import type { Judged, Whose } from '../core/judge.ts';
import type { Grouped } from './event-data.ts';

type Values = Grouped<unknown>['values'];

/** Judges what was found: once for a rule without groups, also when nothing was found, else once for each group. */
export function perGroup<T>(
  rule: RuleSpec,
  found: readonly Grouped<T>[],
  judge: (found: T | undefined, values: Values) => Judged,
): readonly Reading[] {
  const fields = groupFields(rule);
  if (fields.length === 0) return [{ ...whose(rule, fields, []), ...judge(found[0]?.found, []) }];
  return found.map(({ values, found: one }) => ({ ...whose(rule, fields, values), ...judge(one, values) }));
}

/** Whose incident it is: the service that the rule names or the group is of, and the group. */
export function whose(rule: RuleSpec, fields: readonly Field[], values: Values): Whose {
  if (fields.length === 0) return { service: rule.service ?? ALL_SERVICES, group: null };
  const { name, fields: named } = groupOf(fields, values);
  return { service: rule.service ?? named.service ?? ALL_SERVICES, group: name, fields: named };
}

export function byGroup<T>(found: readonly Grouped<T>[]): ReadonlyMap<string, T> {
  return new Map(found.map(({ values, found: one }) => [groupKey(values), one]));
}

export function groupKey(values: Values): string {
  return JSON.stringify(values);
}
