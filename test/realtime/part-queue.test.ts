import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LiveBatch, type Part } from '../../src/realtime/live-batch.ts';
import { PartQueue } from '../../src/realtime/part-queue.ts';

const LIMIT = 30;

/** Items in order; each place where some were left out as its negative count, merged with its neighbours. */
function storyOf(parts: readonly Part<number>[]): number[] {
  const story: number[] = [];
  for (const part of parts) {
    if (!('lost' in part)) story.push(...part.indices.map((index) => part.batch.item(index)));
    else if ((story.at(-1) ?? 0) < 0) story.push((story.pop() ?? 0) - (part.lost ?? 0));
    else story.push(-(part.lost ?? 0));
  }
  return story;
}

test('what goes in comes out in order, and what does not fit is counted in its place', () => {
  const add = fc.record({ add: fc.integer({ min: 0, max: 12 }) });
  const lose = fc.record({ lose: fc.integer({ min: 1, max: 9 }) });
  const take = fc.record({ take: fc.integer({ min: 1, max: 15 }) });
  fc.assert(
    fc.property(fc.array(fc.oneof(add, lose, take), { maxLength: 40 }), (steps) => {
      const queue = new PartQueue<number>(LIMIT);
      let next = 1;
      let lost = 0;
      const out: Part<number>[] = [];
      for (const step of steps) {
        if ('take' in step) {
          const taken = queue.take(step.take);
          const items = taken.reduce((sum, part) => sum + ('lost' in part ? 0 : part.indices.length), 0);
          assert.ok(items <= step.take);
          out.push(...taken);
        } else if ('lose' in step) {
          queue.lose(step.lose);
          next += step.lose;
          lost += step.lose;
        } else {
          const numbers = Array.from({ length: step.add }, (_, index) => next + index);
          next += step.add;
          lost += Math.max(0, step.add - queue.room);
          queue.add(new LiveBatch(numbers, String, String).all);
        }
        assert.ok(queue.room >= 0 && queue.room <= LIMIT);
      }
      while (!queue.isEmpty) out.push(...queue.take(7));
      assert.equal(queue.room, LIMIT);
      // Items are the counting numbers: each gap must be as wide as it says.
      let at = 1;
      for (const entry of storyOf(out)) {
        if (entry < 0) at -= entry;
        else assert.equal(entry, at++);
      }
      assert.equal(at, next);
      assert.equal(
        lost,
        storyOf(out).reduce((sum, entry) => sum - Math.min(0, entry), 0),
      );
    }),
  );
});

test('a loss that nobody counted stays uncounted', () => {
  const queue = new PartQueue<number>(LIMIT);
  queue.lose(3);
  queue.lose(undefined);
  queue.lose(2);
  assert.deepEqual(queue.take(1), [{ lost: undefined }]);
});
