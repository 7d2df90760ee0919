import type { StoredEvent } from '../../core/event.ts';
import { eventJson } from '../../core/event-json.ts';
import { formatTimestamp } from '../../core/timestamp.ts';

/** A line an event, as a list would show it. */
export async function* ndjson(batches: AsyncIterable<readonly StoredEvent[]>): AsyncGenerator<string> {
  for await (const batch of batches) {
    let lines = '';
    for (const event of batch) lines += `${eventJson(event, event.id, formatTimestamp(event.received_at))}\n`;
    yield lines;
  }
}
