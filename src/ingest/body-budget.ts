import type { FastifyInstance, FastifyRequest, RequestPayload } from 'fastify';
import { LIMITS } from '../../schemas/limits.ts';
import { LightwatchError } from '../errors.ts';

/**
 * Bytes of the bodies that may be here at once, from their first byte until they are answered: those being read and
 * those whose events wait for a commit. A thousand senders of 16 MiB each would otherwise take all memory there is.
 */
export const MAX_BODY_BYTES_IN_FLIGHT = 8 * LIMITS.batchBytes;

/** A body up to this size is not counted: the headers before it may be as long, so it costs no more than they do. */
export const UNCOUNTED_BYTES = 16 * 1024;

const TOO_MUCH = new LightwatchError('LW_OVERLOADED', 'too much is being sent at once: send it again later', {
  retryAfterS: 1,
});
const TOO_LARGE = new LightwatchError('LW_TOO_LARGE', 'the body is too large');
const CUT_OFF = new LightwatchError('LW_INVALID_REQUEST', 'the body ended before it was whole');

/**
 * Bounds the memory of request bodies. A body claims the length it announces before a byte of it is read; one that is
 * compressed, or of unknown length, claims more as it grows. Past the bound senders are told to wait.
 */
export class BodyBudget {
  private claimedBytes = 0;

  /** What is claimed at this moment. */
  get bytes(): number {
    return this.claimedBytes;
  }

  /** Makes every route of `app` claim its body until it is answered or its sender has gone. */
  guard(app: FastifyInstance): void {
    app.decorateRequest('bodyClaim', undefined);
    app.addHook('onRequest', (request, reply, done) => {
      const { headers } = request;
      const announcedBytes = Number(headers['content-length'] ?? 0);
      if (announcedBytes > LIMITS.batchBytes) return done(TOO_LARGE);
      if (announcedBytes <= UNCOUNTED_BYTES && !mayGrow(request)) return done();
      // Nothing would give back the claim of a sender that has gone already.
      if (reply.raw.destroyed) return done(CUT_OFF);

      const claim: BodyClaim = { bytes: 0 };
      if (!this.grow(claim, announcedBytes)) return done(TOO_MUCH);
      request.bodyClaim = claim;
      // Unlike Fastify's onResponse this comes also when the sender drops its connection half-way, and always once.
      reply.raw.once('close', () => {
        this.claimedBytes -= claim.bytes;
      });
      done();
    });
  }

  /**
   * Reads a body whole, unpacked if it came packed. Calls `done` once, with
   * LW_TOO_LARGE, LW_OVERLOADED when there is no room for what it turns out to be, or why it could not be read.
   */
  read(
    { bodyClaim }: FastifyRequest,
    payload: RequestPayload,
    done: (error: Error | null, body?: Buffer) => void,
  ): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (error: Error | null) => {
      payload.off('data', onData).off('end', onEnd).off('error', onError);
      if (error === null) return done(null, Buffer.concat(chunks, bytes));
      // What still comes is not even unpacked.
      payload.pause();
      done(error);
    };
    const onData = (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > LIMITS.batchBytes) end(TOO_LARGE);
      else if (bodyClaim !== undefined && !this.grow(bodyClaim, bytes)) end(TOO_MUCH);
    };
    const onEnd = () => end(null);
    // Those of the decompression have a status, and the error handler knows them.
    const onError = (error: Error) => end('statusCode' in error ? error : CUT_OFF);
    payload.on('data', onData).on('end', onEnd).on('error', onError);
    payload.resume();
  }

  /** Makes a claim `bytes` large, if it is not yet; false when there is no room for it. */
  private grow(claim: BodyClaim, bytes: number): boolean {
    const more = bytes - claim.bytes;
    if (more <= 0) return true;
    if (this.claimedBytes + more > MAX_BODY_BYTES_IN_FLIGHT) return false;
    this.claimedBytes += more;
    claim.bytes = bytes;
    return true;
  }
}

interface BodyClaim {
  bytes: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined for a body that is small and says so. */
    bodyClaim: BodyClaim | undefined;
  }
}

/** Whether a body can become larger than its Content-Length says. */
function mayGrow({ headers }: FastifyRequest): boolean {
  return headers['content-encoding'] !== undefined || headers['content-length'] === undefined;
}
