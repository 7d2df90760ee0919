import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fingerprint, stableId } from '../../src/core/fingerprint.ts';

test('a fingerprint names service, rule and group', () => {
  assert.equal(fingerprint('pay', 'r1', null), 'pay:r1');
  assert.equal(fingerprint('*', 'r1', 'host=a'), '*:r1:host=a');
});

test('a stable id has the shape of a UUID, follows from its parts and keeps their borders', () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.string()), (a, b) => {
      assert.match(stableId(...a), uuid);
      assert.equal(stableId(...a) === stableId(...b), JSON.stringify(a) === JSON.stringify(b));
    }),
  );
  assert.notEqual(stableId('a', 'b:c'), stableId('a:b', 'c'));
  // Ids are in the stores of those who run this: the same parts must give the same id for ever.
  assert.equal(stableId('incident', 'pay:r1'), '81f6201e-e209-8c92-88cc-51af0604ff81');
});
