import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Bus } from '../bus/bus.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { Store } from '../store/store.ts';

/** What every module is given. It reaches other modules only through the store and the bus. */
export interface ModuleContext {
  readonly config: Config;
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
}

/** A module: a Fastify plugin that registers its routes and closes what it opened in `onClose`. */
export type Module = FastifyPluginAsyncTypebox<ModuleContext>;

/** What a credential may do. */
export const SCOPES = ['ingest', 'read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route. A route that does not say is for `admin` alone. */
    scope?: Scope | 'public';
    /**
     * The credential may be the query parameter `token`, because a browser cannot set headers here: event streams.
     * WebSocket routes have it without saying so. The parameter is taken out of the query before it is checked.
     */
    tokenInQuery?: boolean;
  }
}
