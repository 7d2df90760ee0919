import type { StoredDelivery } from '../../../schemas/delivery.ts';
import { inertLine } from '../../core/inert-text.ts';

/** One try, from the first packet to the end of the answer. */
export const TRY_TIMEOUT_MS = 10_000;
/** Characters of a reason in `last_error`. */
const MAX_REASON = 300;

/** Sends a delivery once. Never rejects: whatever happens is a result. */
export type Send = (delivery: StoredDelivery, signal: AbortSignal) => Promise<SendResult>;

export type SendResult =
  | {
      readonly ok: true;
      readonly status: number;
      /** What went wrong all the same: some of several recipients were refused. */
      readonly note?: string;
    }
  | {
      readonly ok: false;
      /** What the target answered; null when it did not. */
      readonly status: number | null;
      /** A sentence for whoever reads the deliveries. */
      readonly error: string;
      /** How long the target asked to be left alone. */
      readonly retryAfterMs?: number;
      /** Never to be tried again. */
      readonly final?: boolean;
    };

/** What a failed try is called, on one line. */
export function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `no answer within ${TRY_TIMEOUT_MS / 1000} s`;
  // Node tries all addresses of a name and gathers the failures under an empty message.
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  return inertLine(cause instanceof Error ? cause.message : String(cause)).slice(0, MAX_REASON);
}
