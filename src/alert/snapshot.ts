import type { PendingBreach, StoredIncident } from '../../schemas/incident.ts';
import type { Documents, Versioned } from '../store/store.ts';
import { groupBy } from './group-by.ts';
import type { KeptTrack, Place } from './incidents.ts';

/**
 * What is going on at the start of a tick: active incidents and pending breaches, which are few however many rules and
 * resolved incidents there are. It may be outdated when it is used; versions tell.
 */
export class Snapshot {
  readonly #incidents: ReadonlyMap<string, Versioned<StoredIncident>>;
  readonly #pending: ReadonlyMap<string, Versioned<PendingBreach>>;
  readonly #byRule: ReadonlyMap<string, readonly Place[]>;

  private constructor(incidents: readonly Versioned<StoredIncident>[], pending: readonly Versioned<PendingBreach>[]) {
    this.#incidents = byId(incidents);
    this.#pending = byId(pending);
    const groups = groupBy(this.all(), ({ ruleId }) => ruleId);
    this.#byRule = new Map(groups.map((places) => [places[0]?.ruleId ?? '', places]));
  }

  static async take(documents: Documents): Promise<Snapshot> {
    const [open, acknowledged, pending] = await Promise.all([
      documents.list('incidents', { where: { status: 'open' } }),
      documents.list('incidents', { where: { status: 'acknowledged' } }),
      documents.list('pending_breaches'),
    ]);
    return new Snapshot([...open.items, ...acknowledged.items], pending.items);
  }

  has(id: string): boolean {
    return this.#incidents.has(id) || this.#pending.has(id);
  }

  isActive(id: string): boolean {
    return this.#incidents.has(id);
  }

  /** The track of an active incident; of any other the incident has to be looked up. */
  active(place: Place): KeptTrack | undefined {
    const incident = this.#incidents.get(place.id);
    return incident === undefined ? undefined : { place, incident, pending: this.#pending.get(place.id) };
  }

  ofRule(ruleId: string): readonly Place[] {
    return this.#byRule.get(ruleId) ?? [];
  }

  all(): readonly Place[] {
    const places = new Map<string, Place>();
    for (const { document } of this.#pending.values()) {
      const { id, rule_id: ruleId, service, group } = document;
      places.set(id, { id, ruleId, service, group });
    }
    for (const { document } of this.#incidents.values()) places.set(document.id, document);
    return [...places.values()];
  }
}

function byId<D extends { id: string }>(items: readonly Versioned<D>[]): ReadonlyMap<string, Versioned<D>> {
  return new Map(items.map((item) => [item.document.id, item]));
}
