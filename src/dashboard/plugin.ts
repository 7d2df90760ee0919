import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LightwatchError } from '../errors.ts';
import type { Module } from '../http/module.ts';
import { STRICT_PAGE_HEADERS } from '../http/security-headers.ts';
import { ROOT } from '../root.ts';
import { PAGE_PATHS } from './page-paths.ts';

/** Where `npm run build` puts the page. */
const PUBLIC_FOLDER = fileURLToPath(new URL('dist/src/dashboard/public/', ROOT));
/** Their names change with their content. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Asked for again each time, and answered 304 while they are the same. */
const REVALIDATE = 'no-cache';

/**
 * Serves the page and its files, and nothing that is not in the build: each file is a route of its own. The page itself
 * holds nothing secret, so whoever asks gets it; what it shows it asks the API for, with a credential where one is needed.
 */
export const dashboardModule: Module = async (app) => {
  if (!existsSync(join(PUBLIC_FOLDER, 'index.html'))) {
    app.log.error('the dashboard is not served: it was not built (npm run build)');
    return;
  }
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, scope: 'public' };
    route.schema = { ...route.schema, hide: true };
  });
  await app.register(fastifyStatic, {
    root: PUBLIC_FOLDER,
    wildcard: false,
    index: false,
    globIgnore: ['**/*.br', '**/*.gz', '**/.*', 'index.html'],
    // The build has compressed what is worth it, better than there is time for in a request.
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      reply.header('cache-control', path.includes('/assets/') ? IMMUTABLE : REVALIDATE);
    },
  });
  for (const path of PAGE_PATHS) app.get(path, servePage);
};

async function servePage(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const names = Object.values(request.params as Record<string, string>);
  if (names.some(isNoName)) throw new LightwatchError('LW_NOT_FOUND', 'there is no such page');
  return reply.headers(STRICT_PAGE_HEADERS).sendFile('index.html');
}

/** What no id looks like and a walk through folders does. */
function isNoName(name: string): boolean {
  return name.includes('\0') || name.split(/[\\/]/).includes('..');
}
