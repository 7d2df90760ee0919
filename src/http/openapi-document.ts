import swagger from '@fastify/swagger';
import { Type } from '@sinclair/typebox';
import Fastify, { type RouteOptions } from 'fastify';
import { ErrorReply } from '../../schemas/common.ts';
import { VERSION } from '../version.ts';
import { asEnum } from './openapi-schema.ts';
import { compileSerializer, WITHOUT_AJV } from './validation.ts';

const TAGS = [
  { name: 'ingest', description: 'Events come in' },
  { name: 'query', description: 'Events are found again' },
  { name: 'realtime', description: 'Events as they arrive' },
  { name: 'alerts', description: 'Rules, incidents and notifications' },
  { name: 'health', description: 'How the server is doing' },
];

const DESCRIPTION = `Logs, metrics, security events, heartbeats and alerts of a small team, in one process.

Every error has the shape \`{"error":{"code","message","details"?},"request_id"}\`.`;

/** What the document tells of a route. */
export type DescribedRoute = Pick<RouteOptions, 'method' | 'url' | 'schema' | 'config'>;

/** The OpenAPI document of some routes, made by a server that has them by name alone and answers nothing. */
export async function openApiDocument(routes: readonly DescribedRoute[]): Promise<object> {
  const app = Fastify({ exposeHeadRoutes: false, schemaController: WITHOUT_AJV });
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(compileSerializer);
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
  for (const { method, url, schema, config } of routes) {
    app.route({ method, url, schema, config, handler: () => undefined });
  }
  await app.ready();
  try {
    return app.swagger();
  } finally {
    await app.close();
  }
}
