import type { IncidentPayload, StoredDelivery } from '../../schemas/delivery.ts';
import { formatTimestamp } from '../../src/core/timestamp.ts';

/** Where `fakeClock` starts. */
export const NOON = Date.UTC(2026, 0, 15, 12);
const AT = formatTimestamp(NOON);

export const PAYLOAD: IncidentPayload = {
  type: 'error_alert',
  incidentId: 'i1',
  service: 'pay',
  group: null,
  status: 'open',
  errorCount: 3,
  windowMinutes: 5,
  triggeredAt: AT,
  lastSeenErrorAt: AT,
  resolvedAt: null,
  rule: { id: 'r1', name: 'errors', type: 'log_count', severity: 'warning' },
  value: 3,
  threshold: 3,
  window: '5m',
  by: 'lightwatch',
  samples: [],
  chart: [],
  link: null,
};

/** A delivery that was never tried. */
export function aDelivery(own: Partial<StoredDelivery> = {}): StoredDelivery {
  return {
    id: 'd1',
    incident_id: 'i1',
    channel_id: null,
    channel_type: 'webhook',
    kind: 'error_alert',
    status: 'pending',
    attempts: 0,
    last_status: null,
    last_error: null,
    next_attempt_at: AT,
    summary_id: null,
    created_at: AT,
    target: 'https://hooks.example.com/x',
    sequence: 1,
    expires_at: formatTimestamp(NOON + 24 * 3_600_000),
    payload: PAYLOAD,
    ...own,
  };
}
