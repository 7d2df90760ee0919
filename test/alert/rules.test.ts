import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rule } from '../../schemas/rule.ts';
import { openAlerting } from './alerting.ts';

const FLAT = { service: 'auth', threshold: 10, windowMinutes: 5, cooldownMinutes: 15 };
const CPU = {
  name: 'hot',
  type: 'threshold',
  service: 'gw',
  condition: { metric: 'cpu', operator: 'gt', threshold: 90 },
};

interface Envelope {
  readonly data: readonly Rule[];
  readonly total: number;
  readonly page: number;
  readonly limit: number;
}
interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly details: readonly { field: string }[] };
}

test('a rule is made, read, changed and deleted under both names of the resource', async (t) => {
  const { call } = await openAlerting(t);
  for (const base of ['/api/alerts', '/api/alerts/rules']) {
    const made = await call<Rule>('POST', base, FLAT);
    assert.equal(made.status, 201);
    assert.equal(made.body.type, 'log_count');
    assert.deepEqual(made.body.condition, {
      level: ['error', 'fatal'],
      threshold: 10,
      windowMinutes: 5,
      cooldownMinutes: 15,
    });
    assert.equal(made.body.createdAt, '2026-01-15T12:00:00.000Z');
    assert.equal(made.body.lastTriggeredAt, null);
    const { id } = made.body;

    const other = base === '/api/alerts' ? '/api/alerts/rules' : '/api/alerts';
    assert.deepEqual((await call('GET', `${other}/${id}`)).body, made.body);

    const off = await call<Rule>('PATCH', `${base}/${id}`, { enabled: false });
    assert.deepEqual(off, { status: 200, body: { ...made.body, enabled: false } });

    const replaced = await call<Rule>('PUT', `${base}/${id}`, { ...off.body, ...CPU });
    const { id: _id, createdAt, lastTriggeredAt, ...spec } = replaced.body;
    assert.deepEqual(spec, { ...CPU, enabled: false });
    assert.equal(createdAt, made.body.createdAt);
    assert.equal(lastTriggeredAt, null);

    assert.equal((await call('DELETE', `${base}/${id}`)).status, 204);
    for (const method of ['GET', 'DELETE'] as const) assert.equal((await call(method, `${base}/${id}`)).status, 404);
    assert.equal((await call('PUT', `${base}/${id}`, CPU)).status, 404);
    assert.equal((await call('PATCH', `${base}/${id}`, {})).status, 404);
  }
});

test('rules are listed in the envelope, by page and filter', async (t) => {
  const { call } = await openAlerting(t);
  for (const body of [FLAT, CPU, { ...CPU, name: 'warm', enabled: false }]) await call('POST', '/api/alerts', body);
  const rows: [string, readonly string[], number][] = [
    ['', ['auth: 10 error or fatal logs in 5 min', 'hot', 'warm'], 3],
    ['?service=gw', ['hot', 'warm'], 2],
    ['?service=gw&enabled=true', ['hot'], 1],
    ['?type=log_count', ['auth: 10 error or fatal logs in 5 min'], 1],
    ['?limit=1&page=2', ['hot'], 3],
    ['?limit=9999', ['auth: 10 error or fatal logs in 5 min', 'hot', 'warm'], 3],
  ];
  for (const [query, names, total] of rows) {
    const { status, body } = await call<Envelope>('GET', `/api/alerts${query}`);
    assert.equal(status, 200, query);
    assert.deepEqual([body.data.map(({ name }) => name), body.total], [names, total], query);
  }
  for (const query of ['?colour=red', '?enabled=yes', '?limit=0', '?page=x', '?service=a&service=b', '?type=hunch']) {
    assert.equal((await call('GET', `/api/alerts/rules${query}`)).status, 400, query);
  }
});

test('a rule that cannot be is refused, and the field named', async (t) => {
  const { call, rule } = await openAlerting(t);
  const id = await rule(CPU);
  const rows: [object, string, RegExp][] = [
    [{ ...CPU, type: 'hunch' }, 'type', /threshold, rate_change, anomaly/],
    [{ ...CPU, type: 'rate_change' }, 'condition.duration', /required/],
    [{ ...CPU, group_by: ['message'] }, 'group_by[0]', /service, host/],
    [{ ...CPU, condition: {} }, 'condition.metric', /required/],
    [{ ...FLAT, threshold: 'ten' }, 'condition.threshold', /whole number/],
    [{ ...CPU, channels: ['webhook', 'nobody'] }, 'channels[1]', /no channel "nobody"/],
    [{ ...CPU, webhook: 'ftp://example.com' }, 'webhook', /http/],
    [{ ...CPU, webhook: 'http://10.1.2.3/hook' }, 'webhook', /not a public address/],
    [{ ...CPU, webhook: 'http://user:word@example.com' }, 'webhook', /password/],
  ];
  for (const [body, field, message] of rows) {
    for (const [method, url] of [
      ['POST', '/api/alerts'],
      ['PUT', `/api/alerts/${id}`],
    ] as const) {
      const { status, body: failure } = await call<Failure>(method, url, body);
      assert.equal(status, 400, JSON.stringify(body));
      assert.equal(failure.error.details[0]?.field, field);
      assert.match(failure.error.message, message);
    }
  }
  assert.equal((await call('PATCH', `/api/alerts/${id}`, { webhook: 'http://[::1]/' })).status, 400);
  assert.equal((await call('POST', '/api/alerts')).status, 400);
});

test('a URL of its own and the kind `webhook` are welcome', async (t) => {
  const { rule } = await openAlerting(t);
  await rule({ ...CPU, channels: ['webhook'], webhook: 'https://hooks.example.com/x' });
  await rule({ ...CPU, webhook: 'http://127.0.0.1:1/x' });
});

test('services with an enabled rule', async (t) => {
  const { call, rule } = await openAlerting(t);
  for (const service of ['b', 'a', 'b']) await rule({ ...CPU, service });
  await rule({ ...CPU, service: 'off', enabled: false });
  const { service: _service, ...everywhere } = CPU;
  await rule(everywhere);
  const { body } = await call('GET', '/api/alerts/services');
  assert.deepEqual(body, { data: ['a', 'b'], total: 2, page: 1, limit: 50 });
});

test('reading needs the scope read, changing needs write', async (t) => {
  const { app } = await openAlerting(t, { env: { API_KEY: 'a-secret-key' } });
  const rows: ['GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', string][] = [
    ['GET', '/api/alerts'],
    ['POST', '/api/alerts/rules'],
    ['GET', '/api/alerts/x'],
    ['PUT', '/api/alerts/x'],
    ['PATCH', '/api/alerts/rules/x'],
    ['DELETE', '/api/alerts/x'],
    ['GET', '/api/alerts/services'],
    ['GET', '/api/alerts/incidents'],
    ['GET', '/api/alerts/incidents/x'],
    ['POST', '/api/alerts/incidents/x/resolve'],
    ['POST', '/api/alerts/incidents/x/acknowledge'],
    ['POST', '/api/alerts/incidents/x/notes'],
    ['GET', '/api/alerts/deliveries'],
    ['GET', '/api/alerts/x/decisions'],
    ['GET', '/api/alerts/incidents/x/decisions'],
  ];
  for (const [method, url] of rows) {
    assert.equal((await app.inject({ method, url })).statusCode, 401, url);
    const allowed = await app.inject({ method, url, headers: { 'x-api-key': 'a-secret-key' } });
    assert.ok(![401, 403].includes(allowed.statusCode), url);
  }
});

test('the API server’s clients find the same rules and incidents under its names', async (t) => {
  const desk = await openAlerting(t);
  const made = await desk.call<Rule>('POST', '/api/v1/alerts', { ...FLAT, threshold: 2 });
  assert.equal(made.status, 201);
  const { id } = made.body;
  assert.deepEqual((await desk.call('GET', `/api/v1/alerts/${id}`)).body, made.body);
  assert.equal((await desk.call<Envelope>('GET', '/api/v1/alerts')).body.total, 1);
  assert.equal((await desk.call('PUT', `/api/v1/alerts/${id}`, { ...made.body, name: 'renamed' })).status, 200);

  type Test = { breached: boolean; data: { service: string; value: number; threshold: number; reason: string }[] };
  const quiet = await desk.call<Test>('POST', `/api/v1/alerts/${id}/test`);
  assert.deepEqual([quiet.status, quiet.body.breached], [200, false]);
  await desk.logs(3, { service: 'auth' });
  const { body } = await desk.call<Test>('POST', `/api/v1/alerts/${id}/test`);
  assert.equal(body.breached, true);
  assert.deepEqual(body.data[0], {
    service: 'auth',
    group: null,
    breached: true,
    value: 3,
    threshold: 2,
    reason: '3 matching logs in 5m; the limit is 2.',
  });
  assert.deepEqual(await desk.incidents(), []);

  await desk.tick();
  const listed = await desk.call<{ data: { id: string }[] }>('GET', '/api/v1/alerts/instances?status=open');
  const resolved = await desk.call<{ status: string }>(
    'POST',
    `/api/v1/alerts/instances/${listed.body.data[0]?.id}/resolve`,
  );
  assert.equal(resolved.body.status, 'resolved');
  assert.equal((await desk.call('DELETE', `/api/v1/alerts/${id}`)).status, 204);
});
