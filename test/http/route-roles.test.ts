import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Role } from '../../src/config.ts';
import { roleServing } from '../../src/http/route-roles.ts';
import { buildTestApp } from '../fixtures/build-app.ts';

const HTTP_ROLES = ['ingest', 'query', 'realtime', 'alert'] as const satisfies readonly Role[];

test('every route is known to be of the role that serves it', async (t) => {
  const routesOf = async (roles: string) => {
    const { fastify } = await buildTestApp(t, { env: { ROLES: roles } });
    const document: { paths: Record<string, object> } = (await fastify.inject('/docs/json')).json();
    return Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
  };
  const common = new Set(await routesOf('dashboard'));
  for (const role of HTTP_ROLES) {
    const own = (await routesOf(role)).filter((route) => !common.has(route));
    assert.ok(own.length > 0, role);
    for (const route of own) {
      const [method = '', path = ''] = route.split(' ');
      assert.equal(roleServing(method, path), role, route);
    }
  }
  for (const route of common) {
    const [method = '', path = ''] = route.split(' ');
    assert.equal(roleServing(method, path), undefined, route);
  }
});

test('a replica without the role says which one serves the route', async (t) => {
  const rows: [string, 'GET' | 'POST', string, Role][] = [
    ['query', 'POST', '/ingest/logs', 'ingest'],
    ['query', 'POST', '/api/logs', 'ingest'],
    ['ingest', 'GET', '/api/logs', 'query'],
    ['ingest', 'GET', '/api/logs/tail', 'realtime'],
    ['ingest,query', 'GET', '/ws/logs', 'realtime'],
    ['realtime', 'GET', '/api/alerts/incidents', 'alert'],
  ];
  for (const [ROLES, method, url, role] of rows) {
    const { fastify } = await buildTestApp(t, { env: { ROLES } });
    const answer = await fastify.inject({ method, url });
    assert.equal(answer.statusCode, 404, url);
    assert.deepEqual(answer.json().error.details, [{ role }]);
    assert.match(answer.json().error.message, new RegExp(`the role ${role}`));
    for (const common of ['/health', '/ready', '/metrics', '/stats', '/api/health']) {
      assert.equal((await fastify.inject(common)).statusCode, 200, common);
    }
  }
});

test('what no role serves is not there, and what one serves here has its own answers', async (t) => {
  const { fastify } = await buildTestApp(t, { env: { ROLES: 'query' } });
  assert.match((await fastify.inject('/api/nothing')).json().error.message, /no such route/);
  assert.equal((await fastify.inject({ method: 'DELETE', url: '/api/logs' })).statusCode, 405);
});
