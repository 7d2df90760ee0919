import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { type Config, MAX_KEY_CHARACTERS } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { LightwatchError } from '../errors.ts';
import { SCOPES, type Scope } from './module.ts';

/** Who speaks, and what they may do. */
export interface Principal {
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly tenant: string;
  /** When the credential ends, in milliseconds since the epoch: what stays open is closed then. */
  readonly expiresAt?: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who speaks; null on public routes. Handlers ask `callerOf`. */
    principal: Principal | null;
  }
}

/** Who called a route that is not public. */
export function callerOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new Error(`BUG: ${request.routeOptions.url} asks for a caller and is public`);
  return request.principal;
}

/**
 * Who sent a request; undefined when it carries no credential. The one place that knows kinds of credentials: stored
 * keys, users and tenants belong here.
 * @throws LightwatchError LW_UNAUTHENTICATED when the credential is wrong, without saying how
 */
export type Authenticate = (request: FastifyRequest) => Principal | undefined;

export const DEFAULT_TENANT = 'default';

/** Everyone, when nothing protects the server. */
export const ANYONE: Principal = { name: 'anonymous', scopes: new Set(SCOPES), tenant: DEFAULT_TENANT };

/** Whether nothing protects the server. */
export function isOpen(config: Pick<Config, 'apiKey' | 'jwtSecret'>): boolean {
  return config.apiKey === undefined && config.jwtSecret === undefined;
}

export async function createAuthenticate(
  config: Pick<Config, 'apiKey' | 'jwtSecret'>,
  clock: Clock,
): Promise<Authenticate> {
  if (isOpen(config)) return () => ANYONE;
  const matchesKey = config.apiKey === undefined ? undefined : keyMatcher(config.apiKey);
  const readToken = config.jwtSecret === undefined ? undefined : await tokenReader(config.jwtSecret, clock);
  return (request) => {
    const credential = findCredential(request);
    if (credential === undefined) return undefined;
    const principal = matchesKey?.(credential.text) ? KEY_FROM_ENVIRONMENT : undefined;
    const found = principal ?? (credential.mayBeToken ? readToken?.(credential.text) : undefined);
    if (found === undefined) throw unauthenticated('the credential is not valid');
    return found;
  };
}

export function unauthenticated(message: string): LightwatchError {
  return new LightwatchError('LW_UNAUTHENTICATED', message);
}

/** Whether a principal may call a route of this scope; `admin` may call all. */
export function mayCall(principal: Principal, scope: Scope): boolean {
  return principal.scopes.has(scope) || principal.scopes.has('admin');
}

const KEY_FROM_ENVIRONMENT: Principal = { name: 'API_KEY', scopes: new Set(SCOPES), tenant: DEFAULT_TENANT };

interface Credential {
  readonly text: string;
  readonly mayBeToken: boolean;
}

/** `x-api-key`, then `Authorization: Bearer`, then `?token=` where the route takes it. */
function findCredential(request: FastifyRequest): Credential | undefined {
  const key = request.headers['x-api-key'];
  if (key !== undefined) return { text: String(key), mayBeToken: false };
  const authorization = request.headers.authorization;
  if (authorization !== undefined) {
    const [, text = ''] = /^bearer +([^\s]+) *$/i.exec(authorization) ?? [];
    return { text, mayBeToken: true };
  }
  return request.routeOptions.config.tokenInQuery === true ? takeQueryToken(request.query) : undefined;
}

/** Takes the token (`apiKey` for older clients) out of the query, so that neither validation nor a log meets it. */
function takeQueryToken(query: unknown): Credential | undefined {
  if (typeof query !== 'object' || query === null) return undefined;
  const parameters = query as Record<string, unknown>;
  const name = ['token', 'apiKey'].find((parameter) => parameter in parameters);
  if (name === undefined) return undefined;
  const token = parameters[name];
  delete parameters[name];
  return { text: typeof token === 'string' ? token : '', mayBeToken: true };
}

/** Compares in constant time: how long it takes tells nothing about the key, not even its length. */
function keyMatcher(key: string) {
  const expected = laidOut(key);
  const scratch = Buffer.alloc(MAX_KEY_CHARACTERS + 2);
  return (given: string) => timingSafeEqual(layOut(given, scratch), expected);
}

function laidOut(text: string): Buffer {
  return layOut(text, Buffer.alloc(MAX_KEY_CHARACTERS + 2));
}

/** The text's length and its bytes, in a buffer of one size. A text that is too long equals none that fits. */
function layOut(text: string, into: Buffer): Buffer {
  into.fill(0);
  into.writeUInt16LE(Math.min(text.length, MAX_KEY_CHARACTERS + 1));
  into.write(text, 2, MAX_KEY_CHARACTERS, 'utf8');
  return into;
}

/** The last second of the year 9999: a later expiry is a mistake or an attack on arithmetic. */
const LATEST_EXPIRY_S = 253_402_300_799;
/** How far the clock of whoever made a token may be ahead of ours. */
const CLOCK_SKEW_S = 60;
/** `iss` and `aud` of a token that names them: a token made for something else is refused. */
const OURSELVES = 'lightwatch';

/** What a role of a token's `role` claim may do. */
const ROLE_SCOPES: Readonly<Record<string, readonly Scope[]>> = {
  viewer: ['read'],
  operator: ['read', 'write'],
  admin: SCOPES,
};

/** Reads HS256 tokens. The secret is the one key there is: `kid`, `jku` and `jwk` of a header are never looked at. */
async function tokenReader(secret: string, clock: Clock) {
  // With all that it brings it costs a start 30 ms, which most servers need not spend.
  const { createVerifier } = await import('fast-jwt');
  // Times are checked below, by our clock and more strictly: `exp` must be there.
  const verify = createVerifier({
    key: secret,
    algorithms: ['HS256'],
    complete: true,
    ignoreExpiration: true,
    ignoreNotBefore: true,
  });
  return (token: string): Principal | undefined => {
    let decoded: { header: Record<string, unknown>; payload: unknown };
    try {
      decoded = verify(token);
    } catch {
      return undefined;
    }
    const { header, payload } = decoded;
    if ('crit' in header || typeof payload !== 'object' || payload === null) return undefined;
    const claims = payload as Record<string, unknown>;
    return isCurrent(claims, clock.now() / 1000) && isForUs(claims) ? principalOf(claims) : undefined;
  };
}

function isCurrent({ exp, nbf, iat }: Record<string, unknown>, nowS: number): boolean {
  const begun = (time: unknown) => time === undefined || (typeof time === 'number' && time <= nowS + CLOCK_SKEW_S);
  return typeof exp === 'number' && exp > nowS && exp <= LATEST_EXPIRY_S && begun(nbf) && begun(iat);
}

function isForUs({ iss, aud }: Record<string, unknown>): boolean {
  const audiences = Array.isArray(aud) ? aud : [aud];
  return (iss === undefined || iss === OURSELVES) && (aud === undefined || audiences.includes(OURSELVES));
}

function principalOf({ sub, tenant, exp, ...claims }: Record<string, unknown>): Principal | undefined {
  const scopes = claimedScopes(claims);
  if (scopes === undefined) return undefined;
  if (sub !== undefined && typeof sub !== 'string') return undefined;
  if (tenant !== undefined && (typeof tenant !== 'string' || tenant === '')) return undefined;
  const principal = { name: sub ?? 'token', scopes: new Set(scopes), tenant: tenant ?? DEFAULT_TENANT };
  return typeof exp === 'number' ? { ...principal, expiresAt: exp * 1000 } : principal;
}

/**
 * `scope` or `scopes` (a list, or words with spaces between), else what `role` stands for, else `read`. Words that are
 * no scopes of ours grant nothing; a claim of another type makes the token invalid.
 */
function claimedScopes({ scope, scopes = scope, role }: Record<string, unknown>): readonly Scope[] | undefined {
  if (scopes === undefined) {
    if (role === undefined) return ['read'];
    return typeof role === 'string' ? (Object.hasOwn(ROLE_SCOPES, role) ? ROLE_SCOPES[role] : []) : undefined;
  }
  const words = typeof scopes === 'string' ? scopes.split(' ') : scopes;
  return Array.isArray(words) ? SCOPES.filter((word) => words.includes(word)) : undefined;
}
