import type { StoredDelivery } from '../../../schemas/delivery.ts';
import { formatTimestamp, parseTimestamp } from '../../core/timestamp.ts';
import type { SendResult } from './sender.ts';

/** The wait after the first failure; it doubles from try to try. */
const FIRST_WAIT_MS = 1000;
/** A target that comes back is found again within this. */
const MAX_WAIT_MS = 15 * 60_000;
/** What is older than this is no news any more. */
export const GIVE_UP_AFTER_MS = 24 * 60 * 60_000;

/** A delivery after one more try. `random` is from 0 to 1: it spreads the tries of many deliveries that failed together. */
export function afterTry(delivery: StoredDelivery, result: SendResult, now: number, random: number): StoredDelivery {
  const tried = { ...delivery, attempts: delivery.attempts + 1, last_status: result.status };
  if (result.ok) return { ...tried, status: 'delivered', last_error: result.note ?? null, next_attempt_at: null };
  const next = now + Math.max(backoffMs(tried.attempts, random), result.retryAfterMs ?? 0);
  if (result.final === true || next > parseTimestamp(delivery.expires_at)) {
    return { ...tried, status: 'given_up', last_error: result.error, next_attempt_at: null };
  }
  return { ...tried, status: 'failed', last_error: result.error, next_attempt_at: formatTimestamp(next) };
}

/** From half of the doubled wait to all of it. */
function backoffMs(attempts: number, random: number): number {
  const full = Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), MAX_WAIT_MS);
  return full * (0.5 + random / 2);
}

/** `Retry-After` (RFC 9110: seconds, or a date) to milliseconds from now; undefined when it is neither. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
