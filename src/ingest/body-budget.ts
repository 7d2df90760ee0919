import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LIMITS } from '../../schemas/limits.ts';
import { LightwatchError } from '../errors.ts';

/**
 * Bytes of the bodies that may be on their way in at once. A thousand senders of 16 MiB each would otherwise take all
 * memory there is; past this they are told to wait before a byte of their body is read.
 */
export const MAX_BODY_BYTES_IN_FLIGHT = 8 * LIMITS.batchBytes;

/** Bounds the memory of request bodies. */
export class BodyBudget {
  private bytes = 0;

  /** Makes every route of `app` claim the size of its body until it is answered. */
  guard(app: FastifyInstance): void {
    app.decorateRequest('bodyClaim', 0);
    app.addHook('onRequest', (request, _reply, done) => {
      const bytes = announcedBytes(request);
      if (this.bytes + bytes > MAX_BODY_BYTES_IN_FLIGHT) {
        done(
          new LightwatchError('LW_OVERLOADED', 'too much is being sent at once: send it again later', {
            retryAfterS: 1,
          }),
        );
        return;
      }
      this.bytes += bytes;
      request.bodyClaim = bytes;
      done();
    });
    app.addHook('onResponse', (request, _reply, done) => {
      this.bytes -= request.bodyClaim;
      done();
    });
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    bodyClaim: number;
  }
}

/** What the request says its body has; compressed or of unknown length it may be as large as any. */
function announcedBytes({ headers }: FastifyRequest): number {
  const length = Number(headers['content-length']);
  return headers['content-encoding'] !== undefined || !Number.isFinite(length) ? LIMITS.batchBytes : length;
}
