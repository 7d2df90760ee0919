import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from '../../../schemas/event.ts';
import { EVENT_INDEXES } from '../../../src/store/mongo/collections.ts';
import { shardCommands } from '../../../src/store/mongo/prepare.ts';
import { validatorOf } from '../../../src/store/mongo/validator.ts';

test('on a sharded cluster every event collection is spread by service', () => {
  const [first, ...rest] = shardCommands('watch');
  assert.deepEqual(first, { enableSharding: 'watch' });
  assert.deepEqual(rest[0], { shardCollection: 'watch.logs', key: { service: 'hashed', _id: 1 } });
  assert.equal(rest.length, KINDS.length);
});

test('indexes stand in the order equality, sort, range, and end in the order of pages', () => {
  for (const kind of KINDS) {
    for (const { name = '', key } of EVENT_INDEXES[kind]) {
      const fields = Object.keys(key);
      if (!fields.includes('timestamp')) continue;
      assert.deepEqual(fields.slice(-2), ['timestamp', 'id'], name);
    }
    assert.equal(new Set(EVENT_INDEXES[kind].map(({ name }) => name)).size, EVENT_INDEXES[kind].length);
  }
});

test('validators come from the schemas, in the words that MongoDB has', () => {
  const { properties, required } = validatorOf('metric').$jsonSchema as {
    properties: Record<string, unknown>;
    required: readonly string[];
  };
  assert.deepEqual(properties.value, { bsonType: ['double', 'int', 'long', 'decimal'] });
  assert.deepEqual(properties.timestamp, { bsonType: 'date' });
  assert.deepEqual(properties.meta, { bsonType: 'string' });
  assert.deepEqual(properties.metric_type, { enum: ['gauge', 'counter', 'histogram'] });
  assert.deepEqual([...required].sort(), ['_id', 'id', 'name', 'received_at', 'service', 'timestamp', 'value']);
});
