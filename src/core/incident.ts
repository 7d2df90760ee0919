import type { Cause, Incident, IncidentEvent, IncidentState, Notice, StoredIncident } from '../../schemas/incident.ts';
import { fingerprint, stableId } from './fingerprint.ts';
import type { Policy } from './rule.ts';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';

/** Who did what nobody did by hand. */
export const ENGINE = 'lightwatch';

/**
 * Entries of an incident's history. An incident is one document for the life of its rule, so one that comes and goes for
 * months must not grow for ever; the oldest entries but the first go.
 */
export const MAX_HISTORY = 500;

/** What an evaluation found for one service (and group) of a rule. */
export interface Reading {
  readonly service: string;
  readonly group: string | null;
  readonly breached: boolean;
  /** Null when there were no data. */
  readonly value: number | null;
  /** The value as a count, for rules that count; else 0. */
  readonly count: number;
  /** The values of the fields that make the group, by the fields' names. */
  readonly fields?: Readonly<Record<string, string>>;
  /** What the value was held against, where the rule does not say it: a limit that was learnt. */
  readonly threshold?: number;
  /** What else there is to know of the value. */
  readonly note?: string;
}

/** What is remembered between two evaluations of one fingerprint. */
export interface Track {
  readonly incident?: StoredIncident;
  /** Since when the condition holds, while it has not led to an incident yet. */
  readonly breachedSince?: number;
}

/** Why an evaluation did, or did not, change anything others hear of. */
export type Outcome =
  | 'opened'
  | 'reopened'
  | 'resolved'
  /** A breach of an active incident: it only moves its `lastSeenErrorAt`. */
  | 'updated'
  /** Clear, and not yet for long enough to resolve. */
  | 'clearing'
  /** Suppressed: the condition has not held for the rule's `for`, the quiet period or the cooldown is not over. */
  | 'waiting'
  | 'quiet_period'
  | 'cooldown'
  | 'not_breached'
  | 'no_data';

interface Step {
  readonly outcome: Outcome;
  readonly track: Track;
}

/** What an incident must be told when it opens. */
export interface Subject {
  readonly ruleId: string;
  readonly windowMs: number;
  readonly policy: Policy;
  readonly cause: Cause;
}

/** The id of the one incident a rule has for a service and group. */
export function incidentId(service: string, ruleId: string, group: string | null): string {
  return stableId('incident', fingerprint(service, ruleId, group));
}

/** What follows from one evaluation at `now`. The track of the result is the same object when nothing changed. */
export function advance(track: Track, subject: Subject, reading: Reading, now: number): Step {
  return reading.breached ? breach(track, subject, reading, now) : clear(track, subject.policy, reading, now);
}

function breach(track: Track, subject: Subject, reading: Reading, now: number): Step {
  const { incident } = track;
  if (incident !== undefined && isActive(incident)) {
    return { outcome: 'updated', track: { incident: seen(incident, reading, now) } };
  }
  // A clock that went back must not make the condition hold since the future.
  const since = Math.min(track.breachedSince ?? now, now);
  const held = suppressed(incident, subject.policy, since, now);
  if (held !== undefined) {
    return { outcome: held, track: since === track.breachedSince ? track : { ...track, breachedSince: since } };
  }
  return incident === undefined
    ? { outcome: 'opened', track: { incident: opened(subject, reading, now) } }
    : { outcome: 'reopened', track: { incident: reopened(incident, subject, reading, now) } };
}

/** Why a breach may not open an incident yet; undefined when it may. */
function suppressed(incident: StoredIncident | undefined, policy: Policy, since: number, now: number) {
  if (now - since < policy.forMs) return 'waiting';
  if (incident === undefined) return undefined;
  // From the last breach that was seen while the incident was active. Suppressed breaches do not begin it anew: what never
  // stops would otherwise, once resolved by hand, never be heard of again.
  if (now - parseTimestamp(incident.lastSeenErrorAt) < policy.quietMs) return 'quiet_period';
  if (now - parseTimestamp(incident.triggeredAt) < policy.cooldownMs) return 'cooldown';
  return undefined;
}

function clear(track: Track, policy: Policy, reading: Reading, now: number): Step {
  const outcome = reading.value === null ? 'no_data' : 'not_breached';
  const { incident } = track;
  if (incident === undefined || !isActive(incident)) {
    return { outcome, track: track.breachedSince === undefined ? track : withoutBreach(track) };
  }
  const since = Math.min(incident.clearSince === null ? now : parseTimestamp(incident.clearSince), now);
  if (now - since >= policy.resolveAfterMs) {
    return { outcome: 'resolved', track: { incident: resolved(incident, ENGINE, now) } };
  }
  const clearSince = formatTimestamp(since);
  if (clearSince === incident.clearSince) return { outcome: 'clearing', track };
  return { outcome: 'clearing', track: { incident: { ...incident, clearSince } } };
}

export function isActive(incident: Incident): boolean {
  return incident.status !== 'resolved';
}

/** By hand: somebody has it. Returns the same incident when that was so already; undefined when it is resolved. */
export function acknowledge(incident: StoredIncident, by: string, now: number): StoredIncident | undefined {
  if (!isActive(incident)) return undefined;
  if (incident.status === 'acknowledged') return incident;
  return { ...transition(incident, 'acknowledged', by, now), acknowledgedAt: formatTimestamp(now) };
}

/** By hand. Returns the same incident when it was resolved already. */
export function resolve(incident: StoredIncident, by: string, now: number, note?: string): StoredIncident {
  return isActive(incident) ? resolved(incident, by, now, note) : incident;
}

export function addNote(incident: StoredIncident, by: string, now: number, note: string): StoredIncident {
  return transition(incident, incident.status, by, now, note);
}

/** The incident with a notification to send, in the document of the transition it tells of. */
export function withNotice(incident: StoredIncident, notice: Notice): StoredIncident {
  return { ...incident, announcing: true, notices: [...incident.notices, notice] };
}

/** The incident without the notifications up to `sequence`, which the outbox has now. */
export function withoutNotices(incident: StoredIncident, sequence: number): StoredIncident {
  const notices = incident.notices.filter((notice) => notice.sequence > sequence);
  return { ...incident, announcing: notices.length > 0, notices };
}

/** An incident as clients see it: without what only the engine needs. */
export function publicIncident(incident: StoredIncident): Incident {
  const {
    cause: _cause,
    sequence: _sequence,
    clearSince: _clear,
    notices: _notices,
    announcing: _a,
    mutedBy: _muted,
    ...rest
  } = incident;
  return rest;
}

/** What others are told an outcome was; undefined when they are told nothing. */
export function eventOf(outcome: Outcome): IncidentEvent | undefined {
  return outcome === 'opened' || outcome === 'reopened' || outcome === 'resolved' ? outcome : undefined;
}

function opened(subject: Subject, reading: Reading, now: number): StoredIncident {
  const { service, group } = reading;
  const at = formatTimestamp(now);
  return {
    id: incidentId(service, subject.ruleId, group),
    ruleId: subject.ruleId,
    service,
    group,
    fingerprint: fingerprint(service, subject.ruleId, group),
    status: 'open',
    errorCount: reading.count,
    value: reading.value,
    windowMinutes: subject.windowMs / 60_000,
    triggeredAt: at,
    lastSeenErrorAt: at,
    acknowledgedAt: null,
    resolvedAt: null,
    history: [{ at, from: null, to: 'open', by: ENGINE }],
    cause: subject.cause,
    sequence: 1,
    clearSince: null,
    notices: [],
    announcing: false,
    mutedBy: null,
  };
}

function reopened(incident: StoredIncident, subject: Subject, reading: Reading, now: number): StoredIncident {
  return {
    ...transition(seen(incident, reading, now), 'open', ENGINE, now),
    errorCount: reading.count,
    windowMinutes: subject.windowMs / 60_000,
    triggeredAt: formatTimestamp(now),
    acknowledgedAt: null,
    resolvedAt: null,
    cause: subject.cause,
  };
}

function seen(incident: StoredIncident, reading: Reading, now: number): StoredIncident {
  const last = Math.max(parseTimestamp(incident.lastSeenErrorAt), now);
  return { ...incident, lastSeenErrorAt: formatTimestamp(last), value: reading.value, clearSince: null };
}

function resolved(incident: StoredIncident, by: string, now: number, note?: string): StoredIncident {
  return { ...transition(incident, 'resolved', by, now, note), resolvedAt: formatTimestamp(now), clearSince: null };
}

function transition(incident: StoredIncident, to: IncidentState, by: string, now: number, note?: string) {
  const entry = { at: formatTimestamp(now), from: incident.status, to, by, ...(note === undefined ? {} : { note }) };
  const [first, ...rest] = [...incident.history, entry];
  if (first === undefined) throw new Error('BUG: an incident has no first transition');
  const history = [first, ...rest.slice(1 - MAX_HISTORY)];
  return { ...incident, status: to, history, sequence: incident.sequence + 1 };
}

function withoutBreach(track: Track): Track {
  return track.incident === undefined ? {} : { incident: track.incident };
}
