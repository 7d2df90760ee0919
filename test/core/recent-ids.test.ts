import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecentIds } from '../../src/core/recent-ids.ts';

test('the last ids are known with their order, and no more than twice as many', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(100), (kept, count) => {
      const ids = new RecentIds(kept);
      for (let id = 0; id < count; id++) ids.add(String(id));
      const known = Array.from({ length: count }, (_, id) => String(id)).filter((id) => ids.has(id));
      assert.ok(known.length >= Math.min(kept, count) && known.length <= 2 * kept);
      assert.equal(known.at(-1) ?? '-1', String(count - 1));
      for (const [place, id] of known.entries()) {
        assert.equal(ids.cameBefore(id, String(count - 1)), place < known.length - 1);
        assert.equal(ids.cameBefore(String(count - 1), id), false);
      }
    }),
  );
});

test('nothing is said of an id that is not known', () => {
  const ids = new RecentIds(2);
  ids.add('b');
  ids.add('a');
  assert.deepEqual(
    [ids.cameBefore('b', 'a'), ids.cameBefore('a', 'b'), ids.cameBefore('x', 'a'), ids.cameBefore('a', 'x')],
    [true, false, false, false],
  );
});
