import type { Incident } from '../../api/routes.ts';
import { measured, whole } from '../../lib/format.ts';

/** Which service and group an incident is of: `pay · host=h1`. */
export function placeOf({ service, group }: Pick<Incident, 'service' | 'group'>): string {
  const who = service === '*' ? 'all services' : service;
  return group === null ? who : `${who} · ${group}`;
}

/** What was last measured of it: `12 errors in 5 min`, `value 93.4`. */
export function lastValueOf({ errorCount, value, windowMinutes }: Incident): string {
  if (errorCount > 0) return `${whole(errorCount)} in ${measured(windowMinutes)} min`;
  return value === null ? 'no value' : `value ${measured(value)}`;
}
