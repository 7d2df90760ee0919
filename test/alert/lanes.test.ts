import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lanes } from '../../src/alert/notify/lanes.ts';
import { eventually } from '../fixtures/wait.ts';

/** Lanes whose items end when they are told to. */
function openLanes() {
  const under = new Map<string, () => void>();
  const begun: string[] = [];
  const lanes = new Lanes<string>((item) => {
    begun.push(item);
    return new Promise<void>((resolve) => under.set(item, resolve));
  });
  return {
    lanes,
    begun,
    end(item: string) {
      under.get(item)?.();
      under.delete(item);
    },
    endAll() {
      for (const end of under.values()) end();
      under.clear();
    },
    underWay: () => under.size,
  };
}

test('two items of a target are under way at once, in the order in which they came', async () => {
  const { lanes, begun, end } = openLanes();
  for (const item of ['a1', 'a2', 'a3', 'a4']) lanes.join('a', item);
  lanes.join('b', 'b1');
  assert.deepEqual(begun, ['a1', 'a2', 'b1']);
  end('a2');
  await eventually(() => begun.length === 4, 'the next');
  assert.deepEqual(begun.slice(3), ['a3']);
});

test('a hundred targets that do not answer leave room for one that does', async () => {
  const { lanes, begun, end } = openLanes();
  for (let target = 0; target < 100; target++) {
    for (let item = 0; item < 5; item++) lanes.join(`t${target}`, `t${target}-${item}`);
  }
  assert.equal(begun.length, 200);
  lanes.join('living', 'x');
  assert.equal(begun.at(-1), 'x');
  end('x');
  await eventually(() => lanes.size === 100, 'an empty lane gone');
});

test('of more targets than there is room for, each has its turn', async () => {
  const { lanes, begun, endAll, underWay } = openLanes();
  for (let target = 0; target < 1000; target++) lanes.join(`t${target}`, `t${target}`);
  assert.equal(underWay(), 256);
  while (begun.length < 1000) {
    const before = begun.length;
    endAll();
    await eventually(() => begun.length > before, 'others');
  }
  assert.deepEqual(
    begun,
    Array.from({ length: 1000 }, (_, target) => `t${target}`),
  );
});

test('what waits is forgotten, what is under way is waited for', async () => {
  const { lanes, begun, endAll } = openLanes();
  for (const item of ['a1', 'a2', 'a3']) lanes.join('a', item);
  let cleared = false;
  const clearing = lanes.clear().then(() => {
    cleared = true;
  });
  await Promise.resolve();
  assert.equal(cleared, false);
  endAll();
  await clearing;
  assert.deepEqual([begun, lanes.size], [['a1', 'a2'], 0]);
});
