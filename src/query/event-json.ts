import type { Kind } from '../../schemas/event.ts';
import { type StoredEvent, toWire } from '../core/event.ts';

const written = new WeakMap<StoredEvent, string>();

/**
 * A stored event as the JSON that clients see. It is written once for as long as somebody holds the event: the newest
 * pages, which dashboards ask for over and over, are made of the same events again and again.
 */
export function eventJson<K extends Kind>(event: StoredEvent<K>): string {
  const known = written.get(event);
  if (known !== undefined) return known;
  const json = JSON.stringify(toWire(event));
  written.set(event, json);
  return json;
}
