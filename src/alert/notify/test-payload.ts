import { randomUUID } from 'node:crypto';
import type { NotificationPayload } from '../../../schemas/delivery.ts';
import { formatTimestamp } from '../../core/timestamp.ts';

const MINUTE_MS = 60_000;
/** Something to draw, so that whoever tests a channel sees what its chart looks like. */
const VALUES = [1, 0, 2, 1, 3, 2, 5, 8];

/** What a test of a channel says: a notification like any other, of an incident that does not exist. */
export function testPayload(now: number): NotificationPayload {
  const at = formatTimestamp(now);
  return {
    type: 'channel_test',
    incidentId: `test-${randomUUID()}`,
    service: 'lightwatch',
    group: null,
    status: 'open',
    errorCount: 8,
    windowMinutes: 5,
    triggeredAt: at,
    lastSeenErrorAt: at,
    resolvedAt: null,
    rule: { id: 'test', name: 'this is a test, nothing has happened', type: 'log_count', severity: 'info' },
    value: 8,
    threshold: 5,
    window: '5m',
    by: 'lightwatch',
    samples: [{ id: 'test', timestamp: at, service: 'lightwatch', level: 'error', message: 'a log line, as a test' }],
    chart: VALUES.map((value, index) => ({
      time: formatTimestamp(now - (VALUES.length - 1 - index) * MINUTE_MS),
      value,
    })),
    link: null,
  };
}
