import type { IncidentEvent, StoredIncident } from '../../schemas/incident.ts';
import type { Rule } from '../../schemas/rule.ts';
import {
  advance,
  ENGINE,
  eventOf,
  incidentId,
  type Outcome,
  type Reading,
  resolve,
  type Subject,
  type Track,
} from '../core/incident.ts';
import { rulePolicy, ruleWindowMs } from '../core/rule.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { Store } from '../store/store.ts';
import { sampleLogs } from './evaluate.ts';
import { type Incidents, MAX_RACES, trackOf } from './incidents.ts';
import { causeOf, pageOf } from './notification.ts';
import type { Routes, Verdict } from './route.ts';
import type { Snapshot } from './snapshot.ts';

interface SettlerParts {
  readonly store: Store;
  readonly incidents: Incidents;
  /** Told of every evaluation of every rule: why it did or did not page. */
  readonly onDecision?: ((decision: Decision) => void) | undefined;
}

/** What one evaluation of a rule for one service and group came to. */
export interface Decision {
  readonly at: number;
  readonly ruleId: string;
  readonly incidentId: string;
  readonly reading: Reading;
  readonly outcome: Outcome;
  /** Who was to be told, when it could have been somebody. */
  readonly verdict?: Verdict;
}

/** What a tick found before it looked at the rules. */
export interface Moment {
  readonly now: number;
  readonly snapshot: Snapshot;
  readonly routes: Routes;
}

/** Brings incidents to what the evaluations found. */
export class Settler {
  readonly #parts: SettlerParts;

  constructor(parts: SettlerParts) {
    this.#parts = parts;
  }

  /** Brings the incidents of one rule to what it found. Resolves to the number of breaches. */
  async settle(rule: Rule, readings: readonly Reading[], moment: Moment): Promise<number> {
    const { snapshot, now } = moment;
    const found = new Map(readings.map((reading) => [incidentId(reading.service, rule.id, reading.group), reading]));
    // Whatever the rule has kept of services it found nothing of any more: nothing is no breach.
    for (const { id, service, group } of snapshot.ofRule(rule.id)) {
      if (!found.has(id)) found.set(id, { service, group, breached: false, value: null, count: 0 });
    }
    for (const [id, reading] of found) {
      if (reading.breached || snapshot.has(id)) await this.#apply(rule, id, reading, moment);
      else this.#decide(rule, id, reading, reading.value === null ? 'no_data' : 'not_breached', now);
    }
    return [...found.values()].filter(({ breached }) => breached).length;
  }

  /** Incidents whose rule was deleted or switched off will never hear from it again. */
  async endOrphan(id: string, ruleId: string, { snapshot, now }: Moment): Promise<void> {
    const { incidents, store } = this.#parts;
    // It may have been switched on since the rules were read.
    const rule = await store.documents.get('rules', ruleId);
    if (rule?.document.enabled) return;
    const note = rule === undefined ? 'its rule was deleted' : 'its rule was switched off';
    await store.documents.delete('pending_breaches', id);
    if (!snapshot.isActive(id)) return;
    await incidents.change(id, (incident) =>
      incident.status === 'resolved'
        ? undefined
        : { incident: resolve(incident, ENGINE, now, note), event: 'resolved' },
    );
  }

  async #apply(rule: Rule, id: string, reading: Reading, { now, snapshot, routes }: Moment): Promise<void> {
    const { incidents, store } = this.#parts;
    const subject: Subject = {
      ruleId: rule.id,
      windowMs: ruleWindowMs(rule),
      policy: rulePolicy(rule),
      cause: causeOf(rule),
    };
    const place = { id, ruleId: rule.id, service: reading.service, group: reading.group };
    for (let race = 0; race < MAX_RACES; race++) {
      const kept = (race === 0 ? snapshot.active(place) : undefined) ?? (await incidents.load(place));
      const before = trackOf(kept);
      const { outcome, track } = advance(before, subject, reading, now);
      const event = eventOf(outcome);
      const announces = opens(event) || isOverdue(outcome, track.incident);
      const verdict = announces ? routes.route(pageOf(rule, reading, event === 'reopened', now)) : undefined;
      const routed = verdict === undefined ? track : told(track, verdict);
      const tells = event ?? (verdict !== undefined && verdict.outcome !== 'silenced' ? 'unmuted' : undefined);
      const samples = verdict === undefined ? [] : await sampleLogs(rule, store, now);
      if (routed !== before && !(await incidents.save(kept, routed, tells, samples))) continue;
      if (opens(event)) await this.#markTriggered(rule.id, now);
      this.#decide(rule, id, reading, outcome, now, verdict);
      return;
    }
    throw new Error(`the incident ${id} is being changed by others`);
  }

  /** For those who look at the rule; who loses the race against its owner's change leaves it. */
  async #markTriggered(ruleId: string, now: number): Promise<void> {
    const { documents } = this.#parts.store;
    const kept = await documents.get('rules', ruleId);
    if (kept === undefined) return;
    await documents.update('rules', { ...kept.document, lastTriggeredAt: formatTimestamp(now) }, kept.version);
  }

  #decide(rule: Rule, id: string, reading: Reading, outcome: Outcome, at: number, verdict?: Verdict): void {
    this.#parts.onDecision?.({
      at,
      ruleId: rule.id,
      incidentId: id,
      reading,
      outcome,
      ...(verdict !== undefined && { verdict }),
    });
  }
}

function opens(event: IncidentEvent | undefined): boolean {
  return event === 'opened' || event === 'reopened';
}

/** Whether an incident that opened during a silence still waits for somebody who hears of it. */
function isOverdue(outcome: Outcome, incident: StoredIncident | undefined): boolean {
  return outcome === 'updated' && incident?.status === 'open' && incident.mutedBy !== null;
}

/** A track whose incident knows who was told of it. */
function told(track: Track, verdict: Verdict): Track {
  const { incident } = track;
  if (incident === undefined) throw new Error('BUG: a verdict on no incident');
  const mutedBy = verdict.outcome === 'silenced' ? verdict.silenceId : null;
  return { ...track, incident: { ...incident, mutedBy, cause: { ...incident.cause, targets: [...verdict.targets] } } };
}
