import type { Rule } from '../../../schemas/rule.ts';

/** Whether a value is further into the wrong than another, as the rule sees it. Nothing is better than any. */
export function isWorse(rule: Rule, value: number | null, than: number | null): boolean {
  if (value === null) return false;
  if (than === null) return true;
  const isLow =
    rule.type === 'absence' || ('operator' in rule.condition && ['lt', 'lte'].includes(rule.condition.operator));
  return isLow ? value < than : value > than;
}
