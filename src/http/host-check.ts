import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { LightwatchError } from '../errors.ts';
import { isOpen } from './auth.ts';

/**
 * Refuses names of the internet on a server that is open because only this machine reaches it: a page whose name was
 * made to point here (DNS rebinding) would otherwise read everything from within somebody's browser.
 */
export function createHostCheck(
  config: Pick<Config, 'apiKey' | 'jwtSecret' | 'allowAnonymous' | 'publicUrl'>,
): (request: FastifyRequest) => LightwatchError | undefined {
  if (!isOpen(config) || config.allowAnonymous) return () => undefined;
  const publicName = config.publicUrl === undefined ? undefined : new URL(config.publicUrl).hostname;
  return ({ hostname }) => {
    if (!isInternetName(hostname) || hostname.toLowerCase() === publicName) return undefined;
    const message = 'this server has no credentials and answers to its own addresses only: set PUBLIC_URL to this name';
    return new LightwatchError('LW_FORBIDDEN', message);
  };
}

/** Whether a name could be looked up outside: addresses, single words and `*.localhost` cannot. */
function isInternetName(hostname: string): boolean {
  return hostname.includes('.') && isIP(hostname) === 0 && !/\.localhost\.?$/i.test(hostname);
}
