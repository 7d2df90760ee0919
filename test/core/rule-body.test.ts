import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rule } from '../../schemas/rule.ts';
import { readPatch, readReplacement, readRule } from '../../src/core/rule-body.ts';

const FLAT = { service: 'auth', threshold: 10, windowMinutes: 5, cooldownMinutes: 15 };
const COUNT = {
  type: 'log_count',
  condition: { threshold: 10, windowMinutes: 5, cooldownMinutes: 15, level: ['error', 'fatal'] },
};
const THRESHOLD = { type: 'threshold', condition: { metric: 'cpu_usage', operator: 'gt', threshold: 90 } };
const OTHERS = {
  change: [
    { type: 'rate_change', condition: { metric: 'rps', operator: 'lt', threshold: -50, duration: '5m' } },
    'all services: rps changes by lt -50% in 5m',
  ],
  anomaly: [
    { type: 'anomaly', condition: { metric: 'rps', method: 'zscore', threshold: 3, duration: '5m' } },
    'all services: rps is unusual',
  ],
  security: [
    {
      type: 'security',
      condition: { event_type: 'brute_force', severity: ['high', 'critical'], threshold: 5, duration: '10m' },
    },
    'all services: 5 brute_force events in 10m',
  ],
  absence: [{ type: 'absence', condition: { q: 'backup done', duration: '1d' } }, 'all services: no log for 1d'],
  learning: [
    { type: 'absence', condition: { metric: 'rps', learn: true } },
    'all services: no rps for longer than usual',
  ],
  heartbeat: [{ type: 'heartbeat', condition: { learn: true } }, 'all services: silent for longer than usual'],
} satisfies Record<string, [object, string]>;
const HEARTBEAT = { type: 'heartbeat', condition: { older_than: '90s' } };

/** A body with its condition changed; undefined takes a field away. */
function changed([body]: readonly [{ condition: object }, string], changes: object): object {
  return JSON.parse(JSON.stringify({ ...body, condition: { ...body.condition, ...changes } }));
}

test('a flat body becomes a count of errors, with a name', () => {
  assert.deepEqual(readRule(FLAT), {
    ok: true,
    spec: { ...COUNT, name: 'auth: 10 error or fatal logs in 5 min', service: 'auth', enabled: true },
  });
});

test('a rule is enabled and gets a name unless it says otherwise', () => {
  const status = { type: 'heartbeat', condition: { status: 'unhealthy' } };
  const off = { ...THRESHOLD, service: 'gw', enabled: false };
  const rows: [object, object][] = [
    [THRESHOLD, { ...THRESHOLD, name: 'all services: cpu_usage gt 90', enabled: true }],
    [off, { ...off, name: 'gw: cpu_usage gt 90' }],
    [
      { ...THRESHOLD, service: '*', name: 'hot' },
      { ...THRESHOLD, name: 'hot', enabled: true },
    ],
    [HEARTBEAT, { ...HEARTBEAT, name: 'all services: silent for 90s', enabled: true }],
    [status, { ...status, name: 'all services: reports unhealthy', enabled: true }],
    ...Object.values(OTHERS).map(([body, name]): [object, object] => [body, { ...body, name, enabled: true }]),
  ];
  for (const [body, spec] of rows) assert.deepEqual(readRule(body), { ok: true, spec });
});

test('what is wrong is named by its field', () => {
  const condition = COUNT.condition;
  const rows: [unknown, string, RegExp][] = [
    [null, 'body', /JSON object/],
    [[FLAT], 'body', /JSON object/],
    [{ ...THRESHOLD, type: 'hunch' }, 'type', /one of threshold, rate_change, .*; there is no type "hunch"/],
    [{ ...THRESHOLD, type: 7 }, 'type', /one of threshold/],
    [{ condition }, 'type', /one of threshold/],
    [{ ...FLAT, threshold: 0 }, 'condition.threshold', /at least 1/],
    [{ ...FLAT, threshold: '10' }, 'condition.threshold', /whole number/],
    [{ service: 'a', threshold: 1, windowMinutes: 5 }, 'condition.cooldownMinutes', /is required/],
    [{ ...FLAT, windowMinutes: 0 }, 'condition.windowMinutes', /more than 0/],
    [{ ...FLAT, colour: 'red' }, 'colour', /not a known field/],
    [{ ...FLAT, service: '' }, 'service', /empty/],
    [{ ...FLAT, for: '5 minutes' }, 'for', /duration such as/],
    [{ ...FLAT, channels: 'webhook' }, 'channels', /list/],
    [{ ...COUNT, condition: { ...condition, level: 'loud' } }, 'condition.level', /one of debug, info/],
    [{ ...COUNT, condition: { ...condition, q: '   ' } }, 'condition.q', /must have a/],
    [{ type: 'heartbeat', condition: {} }, 'condition', /at least 1/],
    [{ ...THRESHOLD, condition: { ...THRESHOLD.condition, operator: '>' } }, 'condition.operator', /gt, gte/],
    [
      { ...THRESHOLD, condition: { ...THRESHOLD.condition, threshold: Number.POSITIVE_INFINITY } },
      'condition.threshold',
      /finite/,
    ],
    [
      { ...THRESHOLD, condition: { ...THRESHOLD.condition, metric: 'heartbeat_age_seconds', tags: {} } },
      'condition.tags',
      /does not apply/,
    ],
    [
      { ...THRESHOLD, condition: { ...THRESHOLD.condition, metric: 'heartbeat_age_seconds', aggregate: 'avg' } },
      'condition.aggregate',
      /last/,
    ],
    [changed(OTHERS.change, { duration: undefined }), 'condition.duration', /is required/],
    [changed(OTHERS.change, { metric: 'heartbeat_age_seconds' }), 'condition.metric', /type threshold/],
    [changed(OTHERS.anomaly, { method: 'hunch' }), 'condition.method', /zscore, iqr, seasonal/],
    [changed(OTHERS.anomaly, { threshold: 0 }), 'condition.threshold', /more than 0/],
    [changed(OTHERS.anomaly, { duration: '2d' }), 'condition.duration', /at most 1d/],
    [changed(OTHERS.security, { source_ip: 'home' }), 'condition.source_ip', /IPv4/],
    [changed(OTHERS.security, { duration: '8d' }), 'condition.duration', /at most 7d/],
    [changed(OTHERS.absence, { duration: undefined }), 'condition.duration', /learn/],
    [changed(OTHERS.absence, { kind: 'metric' }), 'condition.q', /logs alone/],
    [changed(OTHERS.learning, { kind: 'log' }), 'condition.metric', /metrics alone/],
    [{ ...OTHERS.learning[0], group_by: ['host'] }, 'group_by', /learn/],
    [{ type: 'heartbeat', condition: { learn: false } }, 'condition', /older_than, status or/],
    [{ ...COUNT, group_by: ['trace_id'] }, 'group_by[0]', /service, host, level, tags/],
    [{ ...COUNT, group_by: ['host', 'tags.'] }, 'group_by[1]', /a field such as/],
    [{ ...COUNT, group_by: ['host', 'host'] }, 'group_by', /twice/],
    [{ ...COUNT, group_by: [] }, 'group_by', /at least 1/],
    [{ ...THRESHOLD, group_by: ['level'] }, 'group_by[0]', /service, host/],
  ];
  for (const [body, field, message] of rows) {
    const reading = readRule(body);
    assert.ok(!reading.ok, JSON.stringify(body));
    const fault = reading.faults.find((one) => one.field === field);
    assert.ok(fault !== undefined, `${field} in ${JSON.stringify(reading.faults)}`);
    assert.match(fault.message, message);
  }
});

const stored: Rule = {
  id: 'r1',
  createdAt: '2026-01-15T12:00:00.000Z',
  lastTriggeredAt: null,
  name: 'errors',
  service: 'auth',
  enabled: true,
  for: '1m',
  type: 'log_count',
  condition: { threshold: 10, windowMinutes: 5, cooldownMinutes: 15 },
};

test('what was read can be written back', () => {
  const { id: _id, createdAt: _created, lastTriggeredAt: _last, ...spec } = stored;
  assert.deepEqual(readReplacement(stored), { ok: true, spec });
  assert.equal(readRule(stored).ok, false);
});

test('a patch changes what it names, null takes away', () => {
  const { id: _id, createdAt: _created, lastTriggeredAt: _last, ...spec } = stored;
  const { for: _for, ...withoutFor } = spec;
  const rows: [object, object][] = [
    [{}, spec],
    [{ enabled: false }, { ...spec, enabled: false }],
    [{ for: null }, withoutFor],
    [{ condition: { threshold: 20 } }, { ...spec, condition: { ...stored.condition, threshold: 20 } }],
    [{ threshold: 20 }, { ...spec, condition: { ...stored.condition, threshold: 20 } }],
    [{ condition: { q: 'timeout' } }, { ...spec, condition: { ...stored.condition, q: 'timeout' } }],
    [HEARTBEAT, { ...spec, ...HEARTBEAT }],
  ];
  for (const [patch, want] of rows) assert.deepEqual(readPatch(stored, patch), { ok: true, spec: want });
  for (const patch of [{ name: null, type: null }, { condition: null }, { condition: { threshold: 'x' } }, 'x']) {
    assert.equal(readPatch(stored, patch).ok, false, JSON.stringify(patch));
  }
});
