import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { LightwatchError } from '../errors.ts';

/** Addresses counted at a time; past it those heard of longest ago are forgotten. About 200 bytes each. */
const MAX_ADDRESSES = 10_000;

/**
 * Counts a request for its address (an IPv6 address by its /64).
 * Rejects with LW_RATE_LIMITED when the address asked more than `RATE_LIMIT_MAX` times in the running window.
 */
type CountRequest = (request: FastifyRequest) => Promise<void>;

type Limits = Pick<Config, 'rateLimitMax' | 'rateLimitWindowMs'>;

export async function createRateLimit(app: FastifyInstance, limits: Limits): Promise<CountRequest> {
  if (limits.rateLimitMax === 0) return async () => {};
  // Not `global`: whether a request counts is known only after its credential was looked at.
  await app.register(rateLimit, { global: false, cache: MAX_ADDRESSES });
  const count = app.createRateLimit({ max: limits.rateLimitMax, timeWindow: limits.rateLimitWindowMs });
  return async (request) => {
    const counted = await count(request);
    if (!counted.isAllowed && counted.isExceeded) {
      throw new LightwatchError('LW_RATE_LIMITED', 'too many requests without a valid credential', {
        retryAfterS: Math.max(1, counted.ttlInSeconds),
      });
    }
  };
}
