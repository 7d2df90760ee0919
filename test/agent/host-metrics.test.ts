import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureHost } from '../../src/agent/host-metrics.ts';

test('this machine is measured: finite numbers with a unit, each once', async () => {
  const metrics = await measureHost();
  const names = new Set(metrics.map(({ name }) => name));
  for (const name of [
    'cpu_usage_percent',
    'memory_used_percent',
    'memory_available_bytes',
    'uptime_seconds',
    'disk_used_percent',
  ])
    assert.ok(names.has(name), name);
  for (const { name, value, unit } of metrics) assert.ok(Number.isFinite(value) && unit !== '', name);
  for (const { name, value, unit } of metrics)
    if (unit === 'percent') assert.ok(value >= 0 && value <= 100, `${name} ${value}`);
  const series = metrics.map(({ name, tags }) => `${name} ${JSON.stringify(tags)}`);
  assert.equal(new Set(series).size, series.length);
});
