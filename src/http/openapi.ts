import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { DescribedRoute } from './openapi-document.ts';
import { PAGE_HEADERS } from './security-headers.ts';

/** The files of swagger-ui that its page needs, by the name they are asked for, and their types. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Lightwatch API</title>
<link rel="icon" href="/docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/docs/json', dom_id: '#swagger-ui', deepLinking: true });\n`;

/**
 * Remembers every route registered after it, and serves the OpenAPI document of them with a page to read it on. The
 * document is made when it is first asked for: what makes it costs a start 100 ms and every server some memory.
 */
export function registerOpenApi(app: FastifyInstance): void {
  const routes: DescribedRoute[] = [];
  app.addHook('onRoute', (route) => {
    // Beside every GET there is a HEAD. The route is kept itself: hooks of its module may still change it.
    if (route.method !== 'HEAD') routes.push(route);
  });
  let document: Promise<object> | undefined;
  serveDocs(app, () => {
    document ??= import('./openapi-document.ts').then(({ openApiDocument }) => openApiDocument(routes));
    return document;
  });
}

function serveDocs(app: FastifyInstance, document: () => Promise<object>): void {
  const config = { scope: 'read' } as const;
  const schema = { hide: true };
  const folder = join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui/package.json')), 'static');

  app.get('/docs/json', { config, schema }, document);
  app.get('/docs', { config, schema }, (_request, reply) =>
    reply.headers(PAGE_HEADERS).type('text/html; charset=utf-8').send(PAGE),
  );
  app.get('/docs/start.js', { config, schema }, (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(START),
  );
  for (const [name, type] of Object.entries(ASSETS)) {
    app.get(`/docs/assets/${name}`, { config, schema }, (_request, reply) =>
      reply
        .type(type)
        .header('cache-control', 'private, max-age=86400')
        .send(createReadStream(join(folder, name))),
    );
  }
}
