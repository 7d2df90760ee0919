import type {} from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { LightwatchError } from '../errors.ts';
import { createAuthenticate, isOpen, mayCall, unauthenticated } from './auth.ts';
import type { Scope } from './module.ts';
import { createRateLimit, type SharedCounter } from './rate-limit.ts';

/** What is decided on a request before anything of it is read. */
interface Verdict {
  /** Whether it counts towards the limit of its address. */
  readonly counts: boolean;
  readonly refusal?: LightwatchError;
}

/**
 * Lets each request in or refuses it, by its credential and its route's scope. Requests with a valid credential are not
 * limited; those without, and those with a wrong one, are counted by address.
 */
export async function guardAccess(
  app: FastifyInstance,
  config: Config,
  clock: Clock,
  sharedCounter: SharedCounter | undefined,
): Promise<void> {
  const authenticate = await createAuthenticate(config, clock);
  const countRequest = await createRateLimit(app, config, sharedCounter);
  // Without credentials configured everyone is let in. On loopback that is the owner, whom no limit should meet.
  const anonymousCounts = isOpen(config) && config.allowAnonymous;

  app.decorateRequest('principal', null);
  // A browser cannot set headers on a WebSocket.
  app.addHook('onRoute', (route) => {
    if (route.websocket === true) route.config = { ...route.config, tokenInQuery: true };
  });

  app.addHook('onRequest', (request, _reply, done) => {
    // That a path does not exist is no secret: the documentation lists those that do.
    const { config: route } = request.routeOptions;
    const { counts, refusal } = judge(request, request.is404 ? 'public' : (route.scope ?? 'admin'));
    if (!counts || route.rateLimit === false) return done(refusal);
    countRequest(request).then(() => done(refusal), done);
  });

  function judge(request: FastifyRequest, scope: Scope | 'public'): Verdict {
    if (scope === 'public') return { counts: !isOpen(config) || anonymousCounts };
    try {
      const principal = authenticate(request);
      if (principal === undefined) return { counts: true, refusal: unauthenticated('a credential is needed') };
      request.principal = principal;
      if (mayCall(principal, scope)) return { counts: anonymousCounts };
      return { counts: false, refusal: new LightwatchError('LW_FORBIDDEN', `this needs the scope ${scope}`) };
    } catch (error) {
      if (error instanceof LightwatchError) return { counts: true, refusal: error };
      throw error;
    }
  }
}
