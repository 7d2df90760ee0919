import type { Socket } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import type { StoredDelivery } from '../../../schemas/delivery.ts';
import type { Clock } from '../../core/clock.ts';
import { VERSION } from '../../version.ts';
import { type AddressGuard, AddressRefusedError } from './address-guard.ts';
import { parseRetryAfter } from './retry.ts';
import type { SendResult } from './sender.ts';

/** One try, from the first packet to the end of the answer. */
const TRY_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5000;
/** Bytes of an answer that are read so that its connection can be used again; nobody looks at them. */
const MAX_ANSWER_BYTES = 16 * 1024;
/** Characters of a reason in `last_error`. */
const MAX_REASON = 300;

interface WebhookSender {
  send(delivery: StoredDelivery, signal: AbortSignal): Promise<SendResult>;
  close(): Promise<void>;
}

/** Posts notifications as JSON. Redirects are not followed: they would lead around the guard. */
export function createWebhookSender(guard: AddressGuard, clock: Clock): WebhookSender {
  const agent = new Agent({
    connect: guardedConnector(guard),
    headersTimeout: TRY_TIMEOUT_MS,
    bodyTimeout: TRY_TIMEOUT_MS,
    pipelining: 1,
  });

  async function post(delivery: StoredDelivery, signal: AbortSignal): Promise<SendResult> {
    const answer = await request(delivery.target, {
      method: 'POST',
      dispatcher: agent,
      signal,
      headers: {
        'content-type': 'application/json',
        'user-agent': `Lightwatch/${VERSION}`,
        'webhook-id': delivery.id,
        'webhook-timestamp': String(Math.floor(clock.now() / 1000)),
      },
      body: JSON.stringify(delivery.payload),
    });
    // The status is the whole answer: a body that never ends, or breaks, takes nothing from it.
    await answer.body.dump({ limit: MAX_ANSWER_BYTES, signal }).catch(() => {});
    return resultOf(answer.statusCode, answer.headers['retry-after'], clock.now());
  }

  return {
    async send(delivery, signal) {
      const refusal = guard.refusalOfUrl(delivery.target);
      if (refusal !== undefined) return { ok: false, status: null, error: refusal };
      try {
        return await post(delivery, AbortSignal.any([signal, AbortSignal.timeout(TRY_TIMEOUT_MS)]));
      } catch (error) {
        return { ok: false, status: null, error: reasonOf(error) };
      }
    },
    close: () => agent.destroy(),
  };
}

/** A connector that lets go of a socket which ended up where it must not. */
function guardedConnector(guard: AddressGuard): buildConnector.connector {
  const connect = buildConnector({ lookup: guard.lookup, timeout: CONNECT_TIMEOUT_MS });
  return (options, done) => {
    connect(options, (...[error, socket]) => {
      if (error !== null) return done(error, null);
      if (isAllowed(guard, options.hostname, socket)) return done(null, socket);
      socket.destroy();
      return done(new AddressRefusedError(options.hostname), null);
    });
  };
}

function isAllowed(guard: AddressGuard, host: string, { remoteAddress }: Socket): boolean {
  return remoteAddress !== undefined && guard.allows(host, remoteAddress);
}

function resultOf(status: number, retryAfter: string | string[] | undefined, now: number): SendResult {
  if (status >= 200 && status < 300) return { ok: true, status };
  const retryAfterMs = parseRetryAfter([retryAfter].flat()[0], now);
  return {
    ok: false,
    status,
    error: status >= 300 && status < 400 ? `answered ${status}; redirects are not followed` : `answered ${status}`,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    // 410 Gone: whoever was there has left for good.
    ...(status === 410 && { final: true }),
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `no answer within ${TRY_TIMEOUT_MS / 1000} s`;
  // Node tries all addresses of a name and gathers the failures under an empty message.
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, MAX_REASON);
}
