import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { PAGE_PATHS } from '../../src/dashboard/page-paths.ts';
import { buildTestApp } from '../fixtures/build-app.ts';
import { listeningApp } from './browser.ts';

/** Bytes: what is smaller travels as it is. */
const ONE_PACKET = 1400;

/** The status of a path that is sent as it is: `fetch` would tidy it up first. */
function rawStatus(base: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    request({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

test('the page is served at every address of a view, and only there', async (t) => {
  const { fastify } = await buildTestApp(t);
  for (const path of PAGE_PATHS) {
    const reply = await fastify.inject(path.replace(/:\w+/, 'abc'));
    assert.equal(reply.statusCode, 200, path);
    assert.match(reply.body, /<div id="root">/, path);
  }
  for (const path of [
    '/nothing',
    '/logs/x',
    '/api',
    '/api/nothing',
    '/ws/nothing',
    '/ingest',
    '/index.html',
    '/assets/',
  ]) {
    const reply = await fastify.inject(path);
    assert.equal(reply.statusCode, 404, path);
    assert.match(String(reply.headers['content-type']), /json/, path);
  }
  assert.match(String((await fastify.inject('/metrics')).headers['content-type']), /text\/plain/, 'still Prometheus');
});

test('the page may load its own files and nothing else, and runs nothing that stands in it', async (t) => {
  const { fastify } = await buildTestApp(t);
  const { headers, body } = await fastify.inject('/');
  const policy = String(headers['content-security-policy']);
  assert.ok(!policy.includes('unsafe'), policy);
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "require-trusted-types-for 'script'",
  ])
    assert.ok(policy.includes(part), policy);
  assert.equal(headers['cache-control'], 'no-cache');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.ok(!/<script(?![^>]*\ssrc="\/)|<style|\sstyle=|\son\w+=/.test(body), body);
  assert.ok(!/(src|href)="https?:/.test(body), body);
});

test('files whose names change with their content are kept for good, and come compressed', async (t) => {
  const { fastify } = await buildTestApp(t);
  const { body } = await fastify.inject('/');
  const files = Array.from(body.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g), ([, path = '']) => path);
  assert.ok(files.length >= 2, body);
  for (const path of files) {
    const isSmall = (await fastify.inject(path)).rawPayload.length < ONE_PACKET;
    for (const encoding of ['br', 'gzip']) {
      const reply = await fastify.inject({ url: path, headers: { 'accept-encoding': encoding } });
      assert.equal(reply.statusCode, 200, path);
      assert.equal(reply.headers['content-encoding'], isSmall ? undefined : encoding, path);
      assert.equal(reply.headers['cache-control'], 'public, max-age=31536000, immutable');
    }
    assert.equal((await fastify.inject(`${path}.br`)).statusCode, 404);
  }
  assert.equal((await fastify.inject('/.made-of')).statusCode, 404);
});

test('the first load is small', async (t) => {
  const { fastify } = await buildTestApp(t);
  const page = await fastify.inject('/');
  const files = Array.from(page.body.matchAll(/(?:src|href)="(\/[^"]+)"/g), ([, path = '']) => path);
  let bytes = page.rawPayload.length;
  for (const url of files) {
    bytes += (await fastify.inject({ url, headers: { 'accept-encoding': 'br' } })).rawPayload.length;
  }
  // Its budget is 250 kB, of which the two fonts take 53 and the first view some 10.
  assert.ok(bytes < 180_000, `${bytes} bytes`);
});

test('no path leads out of the folder', async (t) => {
  const { base } = await listeningApp(t);
  const paths = [
    '/../package.json',
    '/assets/../../plugin.js',
    '/%2e%2e/plugin.js',
    '/assets/%2e%2e%2f%2e%2e%2fplugin.js',
    '/..%2fplugin.js',
    '/%00',
    '/assets/%00.js',
    '/traces/..%2f..%2fplugin.js',
    '/traces/%00',
    '/incidents/..',
    '/..%5cplugin.js',
  ];
  for (const path of paths) assert.ok([400, 403, 404].includes((await rawStatus(base, path)) ?? 0), path);
});

test('without its role there is no page', async (t) => {
  const { fastify } = await buildTestApp(t, { env: { ROLES: 'ingest,query' } });
  for (const path of ['/', '/logs', '/favicon.svg']) assert.equal((await fastify.inject(path)).statusCode, 404, path);
});

test('with a key the page is public, and what it asks for is not', async (t) => {
  const { fastify } = await buildTestApp(t, { env: { API_KEY: 'a-long-random-word' } });
  assert.equal((await fastify.inject('/')).statusCode, 200);
  assert.equal((await fastify.inject('/favicon.svg')).statusCode, 200);
  assert.equal((await fastify.inject('/api/logs')).statusCode, 401);
});
