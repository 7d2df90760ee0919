import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { groupField, groupOf } from '../../src/core/group.ts';

test('a group of one field is called by its value, one of several by all of them', () => {
  assert.deepEqual(groupOf(['tags.region'], ['eu']), { name: 'eu', fields: { 'tags.region': 'eu' } });
  assert.deepEqual(groupOf(['host', 'tags.region'], ['h1', 'eu']), {
    name: 'host=h1,tags.region=eu',
    fields: { host: 'h1', 'tags.region': 'eu' },
  });
  assert.deepEqual(groupOf(['host'], [null]), { name: '(none)', fields: {} });
});

test('no two groups have the same name, whatever the values', () => {
  const value = fc.option(fc.oneof(fc.string(), fc.constantFrom('', '(none)', '\\(none)', 'a,b', 'a=b', 'a,host=b')));
  const values = fc.tuple(value, value);
  fc.assert(
    fc.property(values, values, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      assert.equal(groupOf(['service', 'host'], a).name === groupOf(['service', 'host'], b).name, same);
      const sameFirst = a[0] === b[0];
      assert.equal(groupOf(['host'], a.slice(0, 1)).name === groupOf(['host'], b.slice(0, 1)).name, sameFirst);
    }),
  );
});

test('what can be grouped by depends on the events', () => {
  const rows = [
    ['log', 'level', true],
    ['metric', 'level', false],
    ['security', 'source_ip', true],
    ['log', 'tags.region', true],
    ['log', 'tags.', false],
    ['log', 'trace_id', false],
    ['log', 'message', false],
    ['heartbeat', 'host', true],
    ['heartbeat', 'tags.region', false],
  ] as const;
  for (const [kind, field, may] of rows) assert.equal(groupField(kind, field) !== undefined, may, `${kind} ${field}`);
});
