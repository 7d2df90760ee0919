import type { FastifyInstance } from 'fastify';

/** An answer of the API is data: it loads nothing, frames nothing and is never taken for a page. */
const API_HEADERS = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** What a route sends that answers with a page of ours: it loads its own files, and styles and images its scripts write. */
export const PAGE_HEADERS = {
  ...API_HEADERS,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
};

/** The same for a page whose styles are all in files: nothing inline, and no text ever becomes markup. */
export const STRICT_PAGE_HEADERS = {
  ...API_HEADERS,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'cross-origin-opener-policy': 'same-origin',
};

/**
 * The headers that keep browsers careful, errors included. Fixed objects on purpose: a plugin that computes them for
 * each request doubles what a small request costs.
 */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(API_HEADERS);
    done();
  });
}
