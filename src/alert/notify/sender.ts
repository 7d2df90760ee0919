import type { StoredDelivery } from '../../../schemas/delivery.ts';

/** Sends a delivery once. Never rejects: whatever happens is a result. */
export type Send = (delivery: StoredDelivery, signal: AbortSignal) => Promise<SendResult>;

export type SendResult =
  | { readonly ok: true; readonly status: number }
  | {
      readonly ok: false;
      /** What the target answered; null when it did not. */
      readonly status: number | null;
      /** A sentence for whoever reads the deliveries. */
      readonly error: string;
      /** How long the target asked to be left alone. */
      readonly retryAfterMs?: number;
      /** The target said never to try again. */
      readonly final?: boolean;
    };
