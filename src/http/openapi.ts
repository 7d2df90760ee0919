import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import swagger from '@fastify/swagger';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { ErrorReply } from '../../schemas/common.ts';
import { VERSION } from '../version.ts';
import { asEnum } from './openapi-schema.ts';
import { PAGE_HEADERS } from './security-headers.ts';

const TAGS = [
  { name: 'ingest', description: 'Events come in' },
  { name: 'query', description: 'Events are found again' },
  { name: 'realtime', description: 'Events as they arrive' },
  { name: 'alerts', description: 'Rules, incidents and notifications' },
  { name: 'health', description: 'How the server is doing' },
];

const DESCRIPTION = `Logs, metrics, security events, heartbeats and alerts of a small team, in one process.

Every error has the shape \`{"error":{"code","message","details"?},"request_id"}\`.`;

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

/** Collects every route registered after it into the OpenAPI document, and serves that and a page to read it on. */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Lightwatch', description: DESCRIPTION, version: VERSION, license: { name: 'MIT' } },
      tags: TAGS,
      components: {
        securitySchemes: {
          apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
          bearer: { type: 'http', scheme: 'bearer', description: 'A key, or an HS256 token' },
        },
      },
      security: [{ apiKey: [] }, { bearer: [] }],
    },
    transform: ({ schema, url, route }) => {
      if (schema?.hide === true) return { schema, url };
      const scope = route.config?.scope ?? 'admin';
      const needs = scope === 'public' ? 'Public.' : `Needs the scope \`${scope}\`.`;
      const description = [schema?.description, needs].filter((text) => text !== undefined).join('\n\n');
      const response = { ...(schema?.response as object | undefined), default: Type.Ref('Error') };
      return { schema: asEnum({ ...schema, description, response }), url };
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`) },
  });
  app.addSchema(ErrorReply);
  serveDocs(app);
}

function serveDocs(app: FastifyInstance): void {
  const config = { scope: 'read' } as const;
  const schema = { hide: true };
  const folder = join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui/package.json')), 'static');

  app.get('/docs/json', { config, schema }, () => app.swagger());
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
