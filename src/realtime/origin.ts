import type { FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { LightwatchError } from '../errors.ts';

/**
 * Refuses WebSockets that a foreign page opens in somebody's browser: browsers apply no same-origin rule to them, and
 * on an open server any page could read everything. Programs that are no browsers send no Origin.
 */
export function checkOrigin(request: FastifyRequest, config: Pick<Config, 'corsOrigin' | 'publicUrl'>): void {
  const { origin } = request.headers;
  if (origin === undefined || isAllowed(origin, request.host, config)) return;
  throw new LightwatchError('LW_FORBIDDEN', 'this origin may not connect: see CORS_ORIGIN');
}

function isAllowed(origin: string, host: string, { corsOrigin, publicUrl }: Pick<Config, 'corsOrigin' | 'publicUrl'>) {
  if (corsOrigin.includes('*') || corsOrigin.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  if (publicUrl !== undefined && new URL(publicUrl).origin === origin) return true;
  return new URL(origin).host === host.toLowerCase();
}
