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

/** A count that replicas share. Resolves to undefined when it cannot be had. */
export interface SharedCounter {
  count(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetsInMs: number } | undefined>;
}

/** @param shared what other replicas count too; without it, and while it cannot be had, each counts for itself */
export async function createRateLimit(
  app: FastifyInstance,
  { rateLimitMax: max, rateLimitWindowMs: windowMs }: Limits,
  shared?: SharedCounter,
): Promise<CountRequest> {
  if (max === 0) return async () => {};
  // Not `global`: whether a request counts is known only after its credential was looked at.
  await app.register(rateLimit, { global: false, cache: MAX_ADDRESSES });
  const countHere = app.createRateLimit({ max, timeWindow: windowMs });
  return async (request) => {
    // Who asks too much here is refused here: a flood of requests is none at the shared count.
    const here = await countHere(request);
    if (here.isAllowed) return;
    if (here.isExceeded) throw rateLimited(here.ttlInSeconds);
    const everywhere = await shared?.count(here.key, windowMs);
    if (everywhere !== undefined && everywhere.count > max) throw rateLimited(everywhere.resetsInMs / 1000);
  };
}

function rateLimited(resetsInS: number): LightwatchError {
  const message = 'too many requests without a valid credential';
  return new LightwatchError('LW_RATE_LIMITED', message, { retryAfterS: Math.max(1, resetsInS) });
}
