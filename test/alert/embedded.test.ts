import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildTestApp } from '../fixtures/build-app.ts';
import { eventually } from '../fixtures/wait.ts';
import { openTarget } from './alerting.ts';

test('over the embedded store: logs come in, a rule is breached, a webhook is called, and all of it can be read', async (t) => {
  const target = await openTarget(t, (index) => ({ status: index === 0 ? 500 : 200 }));
  const env = { ALERT_INTERVAL: '1s', WEBHOOK_ALLOW: '127.0.0.1' };
  const { fastify } = await buildTestApp(t, { env });
  const post = async (url: string, payload: object) => (await fastify.inject({ method: 'POST', url, payload })).json();
  const get = async (url: string) => (await fastify.inject({ url })).json();

  const count = { type: 'log_count', condition: { threshold: 2, windowMinutes: 5, cooldownMinutes: 0, q: 'refused' } };
  const rule = await post('/api/alerts', { ...count, name: 'refusals', service: 'pay', webhook: target.url });
  const hot = {
    type: 'threshold',
    condition: { metric: 'cpu_usage', operator: 'gt', threshold: 90, aggregate: 'p95' },
  };
  await post('/api/alerts', { ...hot, service: 'gw', for: '1h' });
  await post('/api/alerts', { type: 'heartbeat', condition: { status: 'unhealthy' } });
  const log = { service: 'pay', level: 'error', message: 'card refused' };
  await post('/ingest/logs', [log, { ...log, message: 'Refused again' }, { ...log, message: 'fine' }]);
  await post('/ingest/metrics', { service: 'gw', name: 'cpu_usage', value: 99 });
  await post('/ingest/heartbeat', { service: 'web', status: 'unhealthy' });

  // The first try fails, the second is the same delivery.
  await target.until(2);
  const [first, second] = target.received;
  assert.equal(first?.headers['webhook-id'], second?.headers['webhook-id']);
  assert.equal(second?.payload.type, 'error_alert');
  assert.deepEqual([second?.payload.errorCount, second?.payload.rule.id], [2, rule.id]);
  assert.deepEqual(second?.payload.samples.map(({ message }) => message).sort(), ['Refused again', 'card refused']);

  await eventually(async () => (await get('/api/alerts/deliveries?status=delivered')).total === 1, 'one delivery');
  const { data: incidents } = await get('/api/alerts/incidents?status=open');
  assert.deepEqual(incidents.map(({ service }: { service: string }) => service).sort(), ['pay', 'web']);
  const resolved = await post(`/api/alerts/incidents/${second?.payload.incidentId}/resolve`, {});
  assert.equal(resolved.status, 'resolved');
  await target.until(3);
  assert.equal(target.received[2]?.payload.type, 'alert_resolved');
  await eventually(async () => (await get('/stats')).alert.breaches === 3, 'a tick that saw all three breaches');
  const { alert } = await get('/stats');
  assert.deepEqual([alert.leader, alert.rules, alert.failing], [true, 3, 0]);
});
