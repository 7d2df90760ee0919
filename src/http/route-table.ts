import type { FastifyInstance } from 'fastify';

/** Which methods a path knows, so that a wrong one can be told from a wrong path. */
export interface RouteTable {
  /** Methods with a route that matches the path, sorted; empty when the path is unknown. */
  methodsAt(path: string): readonly string[];
}

/** Learns every route that is registered after this call. */
export function watchRoutes(app: FastifyInstance): RouteTable {
  const routes: { readonly parts: readonly string[]; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ parts: url.split('/'), methods: [method].flat() });
  });
  return {
    methodsAt(path) {
      const parts = path.split('/');
      const found = routes.filter((route) => matches(route.parts, parts)).flatMap(({ methods }) => methods);
      return [...new Set(found)].sort();
    },
  };
}

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  const wild = pattern.at(-1) === '*';
  if (wild ? path.length < pattern.length : path.length !== pattern.length) return false;
  return pattern.every(
    (part, index) => part === '*' || (part.startsWith(':') ? path[index] !== '' : part === path[index]),
  );
}
