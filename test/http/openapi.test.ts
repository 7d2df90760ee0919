import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEVELS } from '../../schemas/log.ts';
import { buildTestApp } from '../fixtures/build-app.ts';

test('/docs/json describes every route with a scope, a tag and a summary', async (t) => {
  const { fastify } = await buildTestApp(t);
  const document = (await fastify.inject('/docs/json')).json();
  assert.equal(document.openapi, '3.1.0');
  const operations = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  );
  assert.ok(operations.length > 20);
  const known = new Set(document.tags.map(({ name }: { name: string }) => name));
  for (const { name, operation } of operations) {
    assert.ok(operation.summary, `${name} has a summary`);
    assert.ok(
      operation.tags?.length === 1 && known.has(operation.tags[0]),
      `${name} has a known tag: ${operation.tags}`,
    );
    assert.match(operation.description ?? '', /Needs the scope|Public/, name);
    assert.deepEqual(
      operation.responses.default?.content?.['application/json']?.schema,
      { $ref: '#/components/schemas/Error' },
      name,
    );
  }
});

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly responses: Record<string, { content?: Record<string, { schema: unknown }> }>;
}

test('every route of the API is in the document, and nothing else', async (t) => {
  const { fastify } = await buildTestApp(t);
  const document: { paths: Record<string, object> } = (await fastify.inject('/docs/json')).json();
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const registered = routesOf(fastify.printRoutes({ commonPrefix: false })).filter((route) =>
    /^\w+ \/(api|ingest|ws|health|ready|stats|metrics)(\/|$)/.test(route),
  );
  assert.ok(registered.includes('GET /api/logs/{id}/context'), 'the tree of routes is read');
  assert.deepEqual(described.sort(), registered.sort());
});

/** `GET /a/{id}` for each line of a tree of routes, `HEAD` left out: it stands beside every `GET`. */
function routesOf(tree: string): string[] {
  const parts: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part, methods] = /^([│ ]*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
    if (part === undefined) return [];
    const depth = indent.length / 4;
    parts.splice(depth, parts.length, part);
    const path = parts.join('').replaceAll(/:(\w+)/g, '{$1}');
    return (methods ?? '')
      .split(', ')
      .filter((method) => method !== '' && method !== 'HEAD')
      .map((method) => `${method} ${path}`);
  });
}

test('words to choose from are an enum, and every reference leads somewhere', async (t) => {
  const { fastify } = await buildTestApp(t);
  const { body } = await fastify.inject('/docs/json');
  assert.ok(body.includes(`"enum":${JSON.stringify(LEVELS)}`));
  const document = JSON.parse(body);
  for (const [, name = ''] of body.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
    assert.ok(document.components.schemas[decodeURIComponent(name)], name);
  }
  assert.ok(!/"\$ref":"(?!#)/.test(body), 'references lead nowhere outside');
});

test('the page of the documentation brings its own files', async (t) => {
  const { fastify } = await buildTestApp(t);
  const { body } = await fastify.inject('/docs');
  for (const [, url = ''] of body.matchAll(/(?:src|href)="([^"]+)"/g)) {
    assert.equal((await fastify.inject(url)).statusCode, 200, url);
  }
});
