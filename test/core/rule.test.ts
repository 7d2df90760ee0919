import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operator, RuleSpec } from '../../schemas/rule.ts';
import { compare, rulePolicy, ruleThreshold, ruleWindowMs } from '../../src/core/rule.ts';

const MINUTE_MS = 60_000;

test('operators', () => {
  const rows: [number, Operator, number, boolean][] = [
    [2, 'gt', 1, true],
    [1, 'gt', 1, false],
    [1, 'gte', 1, true],
    [0, 'lt', 1, true],
    [1, 'lt', 1, false],
    [1, 'lte', 1, true],
    [1, 'eq', 1, true],
    [2, 'eq', 1, false],
  ];
  for (const [value, operator, threshold, want] of rows) {
    assert.equal(compare(value, operator, threshold), want, `${value} ${operator} ${threshold}`);
  }
});

test('window, threshold and times of a rule', () => {
  const base = { name: 'r', enabled: true };
  const threshold: RuleSpec = { ...base, type: 'threshold', condition: { metric: 'm', operator: 'gt', threshold: 9 } };
  const count: RuleSpec = {
    ...base,
    type: 'log_count',
    condition: { threshold: 3, windowMinutes: 20, cooldownMinutes: 90 },
  };
  const age: RuleSpec = { ...base, type: 'heartbeat', condition: { older_than: '90s' } };
  const status: RuleSpec = { ...base, type: 'heartbeat', condition: { status: 'unhealthy' } };
  const rows: [RuleSpec, number, number | null, [number, number, number, number]][] = [
    [threshold, 5, 9, [0, 5, 15, 0]],
    [{ ...threshold, for: '2m', resolve_after: '1h' }, 5, 9, [2, 60, 15, 0]],
    [count, 20, 3, [0, 5, 40, 90]],
    [age, 1.5, 90, [0, 1.5, 15, 0]],
    [status, 0, null, [0, 1, 15, 0]],
  ];
  for (const [rule, window, limit, [forM, resolveM, quietM, cooldownM]] of rows) {
    assert.equal(ruleWindowMs(rule), window * MINUTE_MS);
    assert.equal(ruleThreshold(rule), limit);
    assert.deepEqual(rulePolicy(rule), {
      forMs: forM * MINUTE_MS,
      resolveAfterMs: resolveM * MINUTE_MS,
      quietMs: quietM * MINUTE_MS,
      cooldownMs: cooldownM * MINUTE_MS,
    });
  }
});
