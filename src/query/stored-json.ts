import type { StoredEvent } from '../core/event.ts';
import { eventJson } from '../core/event-json.ts';
import { formatTimestamp } from '../core/timestamp.ts';

const written = new WeakMap<StoredEvent, string>();

/**
 * A stored event as the JSON that clients see. It is written once for as long as somebody holds the event: the newest
 * pages, which dashboards ask for over and over, are made of the same events again and again.
 */
export function storedJson(event: StoredEvent): string {
  const known = written.get(event);
  if (known !== undefined) return known;
  const json = eventJson(event, event.id, formatTimestamp(event.received_at));
  written.set(event, json);
  return json;
}
