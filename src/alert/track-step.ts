import type { IncidentEvent, StoredIncident } from '../../schemas/incident.ts';
import type { Rule } from '../../schemas/rule.ts';
import { advance, eventOf, incidentId, type Outcome, type Reading, type Track } from '../core/incident.ts';
import { rulePolicy, ruleWindowMs } from '../core/rule.ts';
import { boundGroups } from './bound-groups.ts';
import type { Place } from './incidents.ts';
import { missing } from './missing.ts';
import { causeOf, pageOf } from './notification.ts';
import type { Routes, Verdict } from './route.ts';

/** What follows from one reading: the same for the engine, which writes it down, and for a preview, which counts it. */
export interface TrackStep {
  readonly outcome: Outcome;
  /** The same object as before when nothing changed. */
  readonly track: Track;
  /** Who was to hear of an opening, when it is one, or one that was held back until now. */
  readonly verdict?: Verdict;
  /** What is told; undefined when nothing is. `unmuted`: an opening of before, to those who are notified alone. */
  readonly tells?: IncidentEvent | 'unmuted';
}

export function stepTrack(before: Track, rule: Rule, reading: Reading, routes: Routes, now: number): TrackStep {
  const subject = { ruleId: rule.id, windowMs: ruleWindowMs(rule), policy: rulePolicy(rule), cause: causeOf(rule) };
  const { outcome, track } = advance(before, subject, reading, now);
  const event = eventOf(outcome);
  if (!opens(event) && !isOverdue(outcome, track.incident)) {
    return { outcome, track, ...(event !== undefined && { tells: event }) };
  }
  const verdict = routes.route(pageOf(rule, reading, event === 'reopened', now));
  const tells = event ?? (verdict.outcome === 'silenced' ? undefined : 'unmuted');
  return { outcome, track: routed(track, verdict), verdict, ...(tells !== undefined && { tells }) };
}

/**
 * The readings of a rule by the ids of the incidents they would have: not of too many groups, and also of the `places`
 * where something is going on although nothing was found. `cut` groups were too many.
 */
export function observe(rule: Rule, readings: readonly Reading[], places: readonly Place[]) {
  const known = new Set(places.map(({ id }) => id));
  const { kept, cut } = boundGroups(
    readings.map((reading) => [incidentId(reading.service, rule.id, reading.group), reading]),
    (id) => known.has(id),
  );
  const found = new Map(kept);
  for (const place of places) if (!found.has(place.id)) found.set(place.id, missing(rule, place));
  return { found, cut };
}

export function opens(event: TrackStep['tells']): boolean {
  return event === 'opened' || event === 'reopened';
}

/** Whether an incident that opened during a silence still waits for somebody who hears of it. */
function isOverdue(outcome: Outcome, incident: StoredIncident | undefined): boolean {
  return outcome === 'updated' && incident?.status === 'open' && incident.mutedBy !== null;
}

/** A track whose incident knows who was told of it. */
function routed(track: Track, verdict: Verdict): Track {
  const { incident } = track;
  if (incident === undefined) throw new Error('BUG: a verdict on no incident');
  const mutedBy = verdict.outcome === 'silenced' ? verdict.silenceId : null;
  return { ...track, incident: { ...incident, mutedBy, cause: { ...incident.cause, targets: [...verdict.targets] } } };
}
