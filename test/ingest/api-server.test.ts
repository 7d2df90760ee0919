import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildTestApp } from '../fixtures/build-app.ts';
import { LEAST, post } from './ingest-app.ts';

test('one event or metric is 201; an event may be of any kind', async (t) => {
  const { fastify } = await buildTestApp(t);
  for (const [url, body, list] of [
    ['/api/v1/events', LEAST.log, '/api/logs'],
    ['/api/v1/events', { kind: 'security', ...LEAST.security }, '/api/security'],
    ['/api/v1/metrics', LEAST.metric, '/api/metrics'],
  ] as const) {
    const reply = await fastify.inject(post(url, body));
    assert.equal(reply.statusCode, 201, reply.body);
    assert.equal((await fastify.inject(list)).json().data[0].id, reply.json().id);
  }
});

test('many are 201 with what became of them', async (t) => {
  const { fastify } = await buildTestApp(t);
  for (const [url, body] of [
    ['/api/v1/events/bulk', { events: [LEAST.log, { kind: 'metric', ...LEAST.metric }, { service: 'x' }] }],
    ['/api/v1/metrics/bulk', { metrics: [LEAST.metric, LEAST.metric, {}] }],
    ['/api/v1/metrics/bulk', [LEAST.metric, LEAST.metric, 7]],
  ] as const) {
    const reply = await fastify.inject(post(url, body));
    assert.equal(reply.statusCode, 201, reply.body);
    const { accepted, rejected, errors } = reply.json();
    assert.deepEqual([accepted, rejected, errors[0].index], [2, 1, 2]);
  }
});

test('a counter grows by what it is told, also after a restart of its memory', async (t) => {
  const { fastify } = await buildTestApp(t);
  const increment = (body: object, name = 'orders') => fastify.inject(post(`/api/v1/metrics/increment/${name}`, body));
  await fastify.inject(post('/ingest/metrics', { ...LEAST.metric, name: 'orders', value: 40 }));
  const replies = await Promise.all([
    increment({ service: 'pay' }),
    increment({ service: 'pay', value: 4 }),
    increment({ service: 'pay', host: 'h1' }),
    increment({ service: 'pay', tags: { region: 'eu' } }),
    increment({ service: 'pay' }),
  ]);
  assert.deepEqual(
    replies.map(({ statusCode }) => statusCode),
    [201, 201, 201, 201, 201],
  );
  const { data } = (await fastify.inject('/api/metrics?name=orders&order=asc')).json();
  const values = (own: (metric: { host?: string; tags?: object }) => boolean) =>
    data.filter(own).map(({ value }: { value: number }) => value);
  assert.deepEqual(
    values(({ host, tags }) => host === undefined && tags === undefined),
    [40, 41, 45, 46],
  );
  assert.deepEqual(
    values(({ host }) => host === 'h1'),
    [1],
  );
  assert.equal(data[1].metric_type, 'counter');
});

test('what is none is refused by name', async (t) => {
  const { fastify } = await buildTestApp(t);
  for (const [url, body, field] of [
    ['/api/v1/events', { service: 'x', level: 'info' }, 'message'],
    ['/api/v1/metrics', { ...LEAST.metric, colour: 'red' }, 'colour'],
    ['/api/v1/metrics/bulk', { events: [] }, 'events'],
    ['/api/v1/metrics/increment/orders', { service: 'pay', value: -1 }, 'value'],
    ['/api/v1/metrics/increment/orders', { value: 1 }, 'service'],
  ] as const) {
    const reply = await fastify.inject(post(url, body));
    assert.deepEqual([reply.statusCode, reply.json().error.details[0].field], [400, field], reply.body);
  }
  for (const [url, body] of [
    ['/api/v1/events', { kind: 'rumour' }],
    ['/api/v1/events', [LEAST.log]],
    ['/api/v1/metrics/increment/orders', []],
  ] as const)
    assert.equal((await fastify.inject(post(url, body))).statusCode, 400, url);
});
