import type { StoredDelivery } from './delivery.ts';
import type { Incident } from './incident.ts';
import type { Rule } from './rule.ts';

/** The documents Lightwatch keeps, by collection. */
export interface DocumentTypes {
  rules: Rule;
  incidents: Incident;
  deliveries: StoredDelivery;
}
export type Collection = keyof DocumentTypes;
export type DocumentOf<C extends Collection> = DocumentTypes[C];
