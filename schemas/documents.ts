import type { StoredChannel } from './channel.ts';
import type { CopyProgress } from './copy.ts';
import type { StoredDecision } from './decision.ts';
import type { StoredDelivery } from './delivery.ts';
import type { PendingBreach, StoredIncident } from './incident.ts';
import type { Lease } from './lease.ts';
import type { Rule } from './rule.ts';
import type { Dashboard, SavedSearch } from './saved.ts';
import type { StoredSilence } from './silence.ts';

/** The documents Lightwatch keeps, by collection. */
interface DocumentTypes {
  rules: Rule;
  incidents: StoredIncident;
  pending_breaches: PendingBreach;
  deliveries: StoredDelivery;
  decisions: StoredDecision;
  leases: Lease;
  channels: StoredChannel;
  silences: StoredSilence;
  searches: SavedSearch;
  dashboards: Dashboard;
  copies: CopyProgress;
}
export type Collection = keyof DocumentTypes;
export type DocumentOf<C extends Collection> = DocumentTypes[C];

/** Spelt out, so that a collection that is added is not forgotten where all of them are walked. */
const NAMES: Readonly<Record<Collection, true>> = {
  rules: true,
  incidents: true,
  pending_breaches: true,
  deliveries: true,
  decisions: true,
  leases: true,
  channels: true,
  silences: true,
  searches: true,
  dashboards: true,
  copies: true,
};
export const COLLECTIONS = Object.keys(NAMES) as readonly Collection[];
