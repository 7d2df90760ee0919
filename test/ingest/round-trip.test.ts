import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LIMITS } from '../../schemas/limits.ts';
import { LEVELS } from '../../schemas/log.ts';
import { METRIC_TYPES } from '../../schemas/metric.ts';
import { SECURITY_TYPES, SEVERITIES } from '../../schemas/security.ts';
import { buildTestApp } from '../fixtures/build-app.ts';
import { HOSTILE_TEXTS } from '../fixtures/samples.ts';
import { lines, NDJSON_TYPE, post } from './ingest-app.ts';

/** Text of any whole characters, up to `maxLength` UTF-16 units. */
const text = (maxLength: number, minLength = 0) =>
  fc
    .oneof(
      fc.string({ unit: 'binary', minLength, maxLength: Math.min(maxLength, 40) }),
      fc.string({ unit: 'grapheme', minLength, maxLength: 20 }),
      fc.constantFrom(...HOSTILE_TEXTS),
    )
    .map((any) => any.slice(0, maxLength).toWellFormed())
    .filter((any) => any.length >= minLength);

// JSON that every parser must refuse is no valid event.
const key = (maxLength: number, minLength = 0) =>
  text(maxLength, minLength).filter((any) => any !== '__proto__' && any !== 'constructor');

const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: LIMITS.metaDepth - 2, depthSize: 'small' },
    text(60),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true, false, 0.1, 1e21, 5e-324, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key(20), tie('value'), { maxKeys: 3 }),
  ),
})).value;

const timestamp = fc
  .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

const common = {
  schema_version: fc.constant(2),
  trace_id: text(LIMITS.id, 1),
  span_id: text(LIMITS.id, 1),
  timestamp: fc.oneof(timestamp, fc.constant('2026-01-15T12:00:00.000Z')),
  host: text(LIMITS.host, 1),
  tags: fc.dictionary(key(LIMITS.tagKey, 1), text(LIMITS.tagValue), { maxKeys: 5 }),
  meta: fc.dictionary(key(30), json, { maxKeys: 4 }),
};
const service = text(LIMITS.service, 1);
/** The fields that are always there; the time among them, because it would otherwise be made on arrival. */
const REQUIRED = ['service', 'level', 'message', 'name', 'value', 'type', 'severity', 'timestamp'];

const EVENTS = {
  logs: record({ ...common, service, level: fc.constantFrom(...LEVELS), message: text(LIMITS.message) }),
  metrics: record({
    ...common,
    service,
    name: text(LIMITS.metricName, 1),
    value: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()),
    unit: text(LIMITS.unit),
    metric_type: fc.constantFrom(...METRIC_TYPES),
  }),
  security: record({
    ...common,
    service,
    type: fc.constantFrom(...SECURITY_TYPES),
    severity: fc.constantFrom(...SEVERITIES),
    source_ip: fc.oneof(fc.ipV4(), fc.ipV6()),
    description: text(LIMITS.description),
  }),
};

/** Objects with these fields, where those that an event need not have may be missing, as their JSON says them. */
function record(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Record<string, unknown>> {
  const requiredKeys = REQUIRED.filter((name) => name in fields);
  return fc
    .record(fields, { requiredKeys })
    .map((event) => JSON.parse(JSON.stringify(event)))
    .filter(({ meta = {} }) => Buffer.byteLength(JSON.stringify(meta)) <= LIMITS.metaBytes);
}

for (const [name, event] of Object.entries(EVENTS)) {
  test(`any valid event comes back as it was sent: ${name}`, async (t) => {
    const { fastify } = await buildTestApp(t);
    const url = `/ingest/${name}`;
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 10 }), async (plain) => {
        run++;
        // With ids of their own, so that those of a batch can be asked for.
        const events = plain.map((sent, index) => ({ ...sent, event_id: `${run}-${index}` }));
        const half = Math.ceil(events.length / 2);
        const batch = await fastify.inject(post(url, lines(...events.slice(0, half)), NDJSON_TYPE));
        assert.deepEqual(batch.json(), { accepted: half, rejected: 0, errors: [] });
        const singles = await Promise.all(events.slice(half).map((sent) => fastify.inject(post(url, sent))));
        for (const reply of singles) assert.equal(reply.statusCode, 201, reply.body);

        for (const sent of events) {
          const reply = await fastify.inject(`/api/${name}/${sent.event_id}`);
          assert.equal(reply.statusCode, 200, reply.body);
          const { id, received_at, ...stored } = reply.json();
          assert.deepEqual(stored, { ...sent, schema_version: 2 });
        }
      }),
      { numRuns: 10 },
    );
  });
}
