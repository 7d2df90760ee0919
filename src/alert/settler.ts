import type { StoredIncident } from '../../schemas/incident.ts';
import type { Rule } from '../../schemas/rule.ts';
import type { Decided, Telling } from '../core/decision.ts';
import { ENGINE, type Reading, resolve } from '../core/incident.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { Store } from '../store/store.ts';
import type { DecidedOn } from './decision-log.ts';
import { evidenceOf, NO_EVIDENCE } from './evidence.ts';
import { type Incidents, MAX_RACES, trackOf } from './incidents.ts';
import { deliveryId } from './notification.ts';
import type { Routes, Verdict } from './route.ts';
import type { Snapshot } from './snapshot.ts';
import { observe, opens, stepTrack } from './track-step.ts';

interface SettlerParts {
  readonly store: Store;
  readonly incidents: Incidents;
  /** Told of every evaluation of every rule: why it did or did not page. */
  readonly onDecision: (decided: DecidedOn) => void;
  /** Whether a delivery waits to be told together with others. */
  readonly isGrouped: (deliveryId: string) => boolean;
}

export interface Settled {
  readonly breaches: number;
  /** Groups that were left out because there are too many. */
  readonly groupsCut: number;
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

  /** Brings the incidents of one rule to what it found. */
  async settle(rule: Rule, readings: readonly Reading[], moment: Moment): Promise<Settled> {
    const { snapshot, now } = moment;
    const { found, cut } = observe(rule, readings, snapshot.ofRule(rule.id));
    const idle: Entry[] = [];
    let breaches = 0;
    for (const [id, reading] of found) {
      if (reading.breached) breaches += 1;
      if (reading.breached || snapshot.has(id)) await this.#apply(rule, id, reading, moment);
      else idle.push([id, reading]);
    }
    this.#decideIdle(rule, idle, now);
    return { breaches, groupsCut: cut };
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
    const place = { id, ruleId: rule.id, service: reading.service, group: reading.group };
    for (let race = 0; race < MAX_RACES; race++) {
      const kept = (race === 0 ? snapshot.active(place) : undefined) ?? (await incidents.load(place));
      const before = trackOf(kept);
      const { outcome, track, verdict, tells } = stepTrack(before, rule, reading, routes, now);
      const isTold = (verdict?.targets.length ?? 0) > 0;
      const evidence = isTold ? await evidenceOf(rule, reading, store, now) : NO_EVIDENCE;
      if (track !== before && !(await incidents.save(kept, track, tells, evidence))) continue;
      if (opens(tells)) await this.#markTriggered(rule.id, now);
      const decided = { ...before, rule, reading, outcome, now, telling: verdict && tellingOf(verdict) };
      this.#decide(decided, rule.id, id, { verdict, incident: tells === undefined ? undefined : track.incident });
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

  /** What nothing came of: for a rule with many groups one decision is enough, that of the greatest value. */
  #decideIdle(rule: Rule, idle: readonly Entry[], now: number): void {
    const [first] = idle;
    if (first === undefined) return;
    const [id, reading] = idle.reduce((worst, one) => ((one[1].value ?? -1) > (worst[1].value ?? -1) ? one : worst));
    const outcome = reading.value === null ? 'no_data' : 'not_breached';
    const isWhole = reading.group === null && idle.length === 1;
    this.#decide({ rule, reading, outcome, now }, rule.id, isWhole ? id : null);
  }

  #decide(decided: Decided, ruleId: string, incidentId: string | null, told: Told = {}): void {
    const { verdict, incident } = told;
    const targets = incident?.cause.targets ?? [];
    const deliveryIds =
      incident === undefined ? [] : targets.map((target) => deliveryId(incident.id, incident.sequence, target));
    const grouped = deliveryIds.filter((id) => this.#parts.isGrouped(id)).length;
    this.#parts.onDecision({
      ...decided,
      ...(decided.telling !== undefined && grouped > 0 && { telling: stormTelling(grouped, deliveryIds.length) }),
      ruleId,
      incidentId,
      silenceId: verdict?.outcome === 'silenced' ? verdict.silenceId : null,
      deliveryIds,
    });
  }
}

type Entry = readonly [id: string, reading: Reading];

/** Who hears of a decision. */
interface Told {
  readonly verdict?: Verdict | undefined;
  /** The incident that is told of, with the transition that is; undefined when nobody is told. */
  readonly incident?: StoredIncident | undefined;
}

function tellingOf(verdict: Verdict): Telling {
  const { outcome, targets } = verdict;
  return { outcome, targets: targets.length, ...(outcome !== 'paged' && { reason: verdict.reason }) };
}

/** What became of a page in the outbox, where there was a storm. */
function stormTelling(grouped: number, targets: number): Telling {
  const who = targets === 1 ? 'it is' : `${grouped} of ${targets} targets are`;
  return { outcome: 'storm', targets, reason: `${who} told together with others, as too much happens at once` };
}
