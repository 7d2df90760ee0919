import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerMetrics } from '../../src/http/metrics.ts';
import { doorApp } from './door-app.ts';

test('/metrics counts requests by route and shows every figure, in Prometheus text', async (t) => {
  const { app } = await doorApp(t);
  // Hooks apply to the routes that come after them.
  registerMetrics(app);
  app.get('/counted/:id', { config: { scope: 'read' } }, () => ({}));
  app.stats.add('thing', () => ({ queued: 3, sent: 7, deep: { byKind: 1 }, leader: true, engine: 'x' }), {
    counters: ['sent'],
  });
  for (const id of ['1', '2', '3']) await app.inject(`/counted/${id}`);
  for (let i = 0; i < 50; i++) await app.inject(`/no/such/${i}`);
  const response = await app.inject('/metrics');
  assert.match(String(response.headers['content-type']), /^text\/plain; version=0\.0\.4/);
  const lines = response.body.trimEnd().split('\n');
  for (const line of lines)
    assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? -?[\d.e+-]+|\w+\{[^}]*le="\+Inf"\} \d+)$/);
  for (const line of [
    'lightwatch_http_responses_total{method="GET",route="/counted/:id",status="200"} 3',
    'lightwatch_http_request_duration_seconds_count{method="GET",route="/counted/:id"} 3',
    'lightwatch_http_request_duration_seconds_bucket{method="GET",route="/counted/:id",le="+Inf"} 3',
    'lightwatch_http_responses_total{route="unmatched",status="404"} 50',
    'lightwatch_thing_queued 3',
    '# TYPE lightwatch_thing_sent_total counter',
    'lightwatch_thing_sent_total 7',
    'lightwatch_thing_deep_by_kind 1',
    'lightwatch_thing_leader 1',
  ]) {
    assert.ok(lines.includes(line), line);
  }
  assert.equal(lines.filter((line) => line.includes('/no/such')).length, 0, 'unknown paths make no series');
});
