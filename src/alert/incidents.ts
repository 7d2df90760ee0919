import type { FastifyBaseLogger } from 'fastify';
import type { IncidentEvent, PendingBreach, StoredIncident } from '../../schemas/incident.ts';
import type { Bus } from '../bus/bus.ts';
import { publicIncident, type Track, withoutNotices } from '../core/incident.ts';
import { formatTimestamp, parseTimestamp } from '../core/timestamp.ts';
import { LightwatchError } from '../errors.ts';
import type { Documents, Versioned } from '../store/store.ts';
import type { Evidence } from './evidence.ts';
import { announce, deliveriesOf } from './notification.ts';
import type { Outbox } from './notify/outbox.ts';

/** Whoever loses a race reads again and decides anew; it is lost more often than this only when something is wrong. */
export const MAX_RACES = 5;

interface IncidentParts {
  readonly documents: Documents;
  readonly bus: Bus;
  readonly outbox: Outbox;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly publicUrl: string | undefined;
}

/** One service and group of a rule: where there can be one incident. */
export interface Place {
  readonly id: string;
  readonly ruleId: string;
  readonly service: string;
  readonly group: string | null;
}

/** A track as the store has it: with the versions that tell whether somebody else was faster. */
export interface KeptTrack {
  readonly place: Place;
  readonly incident: Versioned<StoredIncident> | undefined;
  readonly pending: Versioned<PendingBreach> | undefined;
}

/** What goes with a change of an incident. */
interface Change {
  readonly incident: StoredIncident;
  /** `unmuted`: what happened before is told only now, and only to those who are notified. */
  readonly event: IncidentEvent | 'unmuted';
  readonly evidence?: Evidence;
}

/**
 * The incidents in the store, and who hears of their changes.
 *
 * A notification is written into the incident together with the change it tells of, then into the outbox, and only then
 * taken out of the incident. Wherever a crash comes in between, `handOverAll` finds what is missing, and ids that follow
 * from the incident keep it from being there twice.
 */
export class Incidents {
  readonly #parts: IncidentParts;

  constructor(parts: IncidentParts) {
    this.#parts = parts;
  }

  async load(place: Place): Promise<KeptTrack> {
    const { documents } = this.#parts;
    const [incident, pending] = await Promise.all([
      documents.get('incidents', place.id),
      documents.get('pending_breaches', place.id),
    ]);
    return { place, incident, pending };
  }

  /** Writes what an evaluation made of a track. Resolves to false, with nothing told, when somebody else was faster. */
  async save(kept: KeptTrack, track: Track, event: Change['event'] | undefined, evidence: Evidence) {
    const { incident } = track;
    if (incident !== undefined && incident !== kept.incident?.document) {
      const written =
        event === undefined
          ? await this.#write(incident, kept.incident)
          : await this.#writeAndTell({ incident, event, evidence }, kept.incident);
      if (!written) return false;
    }
    // After the incident: a crash in between leaves a breach that is pending although it has led to an incident, which
    // the next evaluation puts right. The other way round the rule would have to wait for its `for` once more.
    return this.#savePending(kept, track.breachedSince);
  }

  /**
   * Changes an incident by hand: `change` is called with the incident as it is, and again when somebody else was faster.
   * It returns undefined to leave it so.
   * @throws LightwatchError LW_NOT_FOUND
   */
  async change(id: string, change: (incident: StoredIncident) => Change | undefined): Promise<StoredIncident> {
    for (let race = 0; race < MAX_RACES; race++) {
      const kept = await this.#parts.documents.get('incidents', id);
      if (kept === undefined) throw new LightwatchError('LW_NOT_FOUND', 'there is no such incident');
      const changed = change(kept.document);
      if (changed === undefined) return kept.document;
      if (await this.#writeAndTell(changed, kept)) return changed.incident;
    }
    throw new LightwatchError('LW_CONFLICT', 'the incident is being changed by others; try again');
  }

  /** Puts every notification into the outbox that a crash or a fault has left in its incident. */
  async handOverAll(): Promise<void> {
    const { items } = await this.#parts.documents.list('incidents', { where: { announcing: true } });
    for (const { document } of items) await this.#handOver(document);
  }

  async #writeAndTell({ incident, event, evidence }: Change, kept: Versioned<StoredIncident> | undefined) {
    const { bus, log, publicUrl } = this.#parts;
    const announced = announce(incident, event, { evidence, publicUrl });
    if (!(await this.#write(announced, kept))) return false;
    const { sequence, history } = announced;
    if (event !== 'unmuted') {
      bus.publish('alert', {
        id: `${announced.id}:${sequence}`,
        type: event,
        at: history.at(-1)?.at ?? announced.triggeredAt,
        incident: publicIncident(announced),
      });
    }
    await this.#handOver(announced).catch((error: unknown) => {
      // The change stands, and its notification with it: the next tick hands it over.
      log.warn({ err: error, incident: announced.id }, 'a notification could not be put into the outbox yet');
    });
    return true;
  }

  #write(incident: StoredIncident, kept: Versioned<StoredIncident> | undefined): Promise<boolean> {
    const { documents } = this.#parts;
    return kept === undefined
      ? documents.insert('incidents', incident)
      : documents.update('incidents', incident, kept.version);
  }

  async #handOver({ id, notices, sequence }: StoredIncident): Promise<void> {
    if (notices.length === 0) return;
    for (const delivery of notices.flatMap((notice) => deliveriesOf(id, notice))) {
      // A replica that does not send leaves them where they are: the one that does finds them at its next tick.
      if ((await this.#parts.outbox.enqueue(delivery)) === undefined) return;
    }
    for (let race = 0; race < MAX_RACES; race++) {
      const kept = await this.#parts.documents.get('incidents', id);
      if (kept === undefined || !kept.document.announcing) return;
      if (await this.#write(withoutNotices(kept.document, sequence), kept)) return;
    }
  }

  async #savePending({ place, pending }: KeptTrack, since: number | undefined): Promise<boolean> {
    const { documents } = this.#parts;
    const { id, ruleId, service, group } = place;
    if (since === undefined) {
      if (pending !== undefined) await documents.delete('pending_breaches', id);
      return true;
    }
    const breach = { id, rule_id: ruleId, service, group, since: formatTimestamp(since) };
    if (pending === undefined) return documents.insert('pending_breaches', breach);
    return breach.since === pending.document.since || documents.update('pending_breaches', breach, pending.version);
  }
}

/** A kept track as the state machine takes it. */
export function trackOf({ incident, pending }: KeptTrack): Track {
  return {
    ...(incident !== undefined && { incident: incident.document }),
    ...(pending !== undefined && { breachedSince: parseTimestamp(pending.document.since) }),
  };
}
