import type { Reading } from '../core/incident.ts';

/** Groups that one rule may have: each that is breached is an incident, and somebody's notification. */
export const MAX_GROUPS = 500;

type Entry = readonly [id: string, reading: Reading];

/**
 * At most `MAX_GROUPS` of what a rule found, and how many are left out: those that are known to the engine come first,
 * then those that are breached, then by name.
 */
export function boundGroups(found: readonly Entry[], isKnown: (id: string) => boolean) {
  if (found.length <= MAX_GROUPS) return { kept: found, cut: 0 };
  const rank = ([id, { breached }]: Entry) => (isKnown(id) ? 0 : breached ? 1 : 2);
  const ranked = found.toSorted((a, b) => rank(a) - rank(b) || (nameOf(a) < nameOf(b) ? -1 : 1));
  return { kept: ranked.slice(0, MAX_GROUPS), cut: found.length - MAX_GROUPS };
}

function nameOf([, { service, group }]: Entry): string {
  return `${service} ${group}`;
}
