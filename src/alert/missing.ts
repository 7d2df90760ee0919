import type { Rule } from '../../schemas/rule.ts';
import type { Reading } from '../core/incident.ts';
import type { Place } from './incidents.ts';

/**
 * What to think of a group that something is going on with, and that the rule has found nothing of. Of most that is no
 * breach. But a group that is absent stays absent when it has been so for so long that nobody remembers it.
 */
export function missing(rule: Rule, { service, group }: Place): Reading {
  const whose = { service, group };
  if (rule.type === 'absence' && covers(rule, whose)) return { ...whose, breached: true, value: 0, count: 0 };
  const counts = rule.type === 'log_count' || rule.type === 'security';
  return { ...whose, breached: false, value: counts ? 0 : null, count: 0 };
}

/** Whether it is a group of the rule as it is now: it may have been another when the incident opened. */
function covers(rule: Rule, { service, group }: Pick<Place, 'service' | 'group'>): boolean {
  return rule.group_by !== undefined && group !== null && (rule.service === undefined || rule.service === service);
}
