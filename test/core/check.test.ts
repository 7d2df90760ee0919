import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TSchema, Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { Heartbeat } from '../../schemas/heartbeat.ts';
import { Log } from '../../schemas/log.ts';
import { Metric } from '../../schemas/metric.ts';
import { LogCountCondition, RULE_SPECS } from '../../schemas/rule.ts';
import { Security } from '../../schemas/security.ts';
import { explain, sentence } from '../../src/core/check.ts';

const RuleSpec = Type.Union([RULE_SPECS.threshold, RULE_SPECS.log_count, RULE_SPECS.heartbeat]);
const log = { service: 'pay', level: 'info', message: 'hello' };
const metric = { service: 'pay', name: 'cpu', value: 1 };
const attack = { service: 'pay', type: 'xss', severity: 'low' };
const rule = {
  name: 'r',
  type: 'threshold',
  enabled: true,
  condition: { metric: 'cpu', operator: 'gt', threshold: 1 },
};

const told = (schema: TSchema, value: unknown) => sentence(explain(TypeCompiler.Compile(schema), value, 'event'));

test('a fault is told with its field and what is expected there', () => {
  const rows: [TSchema, unknown, string][] = [
    [Log, log, ''],
    [Log, { ...log, level: 'loud' }, 'level: must be one of debug, info, warn, error, fatal'],
    [Log, { ...log, level: undefined }, 'level: must be one of debug, info, warn, error, fatal'],
    [Log, { service: 'pay', message: 'x' }, 'level: is required'],
    [Log, { ...log, colour: 'red' }, 'colour: is not a known field'],
    [Log, { ...log, 'a.b/c~d': 1 }, 'a.b/c~d: is not a known field'],
    [Log, { ...log, message: 7 }, 'message: must be text'],
    [Log, { ...log, message: null }, 'message: must be text, not null'],
    [Log, { ...log, service: '' }, 'service: must not be empty'],
    [Log, { ...log, service: 'x'.repeat(129) }, 'service: must have at most 128 characters'],
    [
      Log,
      { ...log, timestamp: '2026-02-30T00:00:00Z' },
      'timestamp: must be a time such as 2026-01-31T12:00:00Z (RFC 3339, with a zone)',
    ],
    [Log, { ...log, tags: { region: 7 } }, 'tags.region: must be text'],
    [
      Log,
      { ...log, tags: { [''.padEnd(65, 'k')]: 'x' } },
      `tags.${'k'.repeat(65)}: must be under a key of 1 to 64 characters`,
    ],
    [Log, { ...log, tags: { '': 'x' } }, 'tags.: must be under a key of 1 to 64 characters'],
    [Log, { ...log, tags: { 'a\nb': { c: 1 } } }, 'tags.a\nb: must be text'],
    [Log, { ...log, tags: ['a'] }, 'tags: must be an object'],
    [Log, { ...log, meta: [] }, 'meta: must be an object'],
    [Log, { ...log, schema_version: 3 }, 'schema_version: must be 2'],
    [Log, 'hello', 'event: must be an object'],
    [Log, null, 'event: must be an object, not null'],
    [Log, [log], 'event: must be an object'],
    [Metric, { ...metric, value: '1' }, 'value: must be a finite number'],
    [Metric, { ...metric, value: Number.POSITIVE_INFINITY }, 'value: must be a finite number'],
    [Security, { ...attack, source_ip: '10.0.0.256' }, 'source_ip: must be an IPv4 or IPv6 address'],
    [Security, { ...attack, source_ip: '::1' }, ''],
    [Heartbeat, { service: 'pay', status: 'ok' }, 'status: must be one of healthy, degraded, unhealthy'],
    [Type.Object({ ids: Type.Array(Type.String(), { minItems: 1 }) }), { ids: [] }, 'ids: must have at least 1 entry'],
    [Type.Object({ ids: Type.Array(Type.String()) }), { ids: ['a', 7] }, 'ids[1]: must be text'],
    [Type.String({ pattern: '^a$' }), 'b', 'event: must be text that matches ^a$'],
    [Type.String({ pattern: '^a$', expects: 'the letter a' }), 'b', 'event: must be the letter a'],
    [
      LogCountCondition,
      { threshold: 0, windowMinutes: 0, cooldownMinutes: -1 },
      'threshold: must be at least 1; windowMinutes: must be more than 0; cooldownMinutes: must be at least 0',
    ],
    [LogCountCondition, { threshold: 1.5, windowMinutes: 1, cooldownMinutes: 0 }, 'threshold: must be a whole number'],
  ];
  for (const [schema, value, want] of rows) assert.equal(told(schema, value), want, JSON.stringify(value));
});

test('of a union the variant that was meant is explained', () => {
  const rows: [unknown, string][] = [
    [rule, ''],
    [{ ...rule, type: 'treshold' }, 'type: must be one of threshold, log_count, heartbeat'],
    [{ ...rule, type: undefined }, 'type: must be one of threshold, log_count, heartbeat'],
    [
      { ...rule, condition: { ...rule.condition, operator: 'is' } },
      'condition.operator: must be one of gt, gte, lt, lte, eq',
    ],
    [{ ...rule, colour: 1 }, 'colour: is not a known field'],
    [7, 'event: must be an object'],
  ];
  for (const [value, want] of rows) assert.equal(told(RuleSpec, value), want, JSON.stringify(value));
});

test('a union of a word or a list of words says what either may be', () => {
  const condition = { level: 'loud', threshold: 1, windowMinutes: 1, cooldownMinutes: 0 };
  assert.equal(told(LogCountCondition, condition), 'level: must be one of debug, info, warn, error, fatal');
  const listed = { ...condition, level: ['info', 'loud'] };
  assert.equal(told(LogCountCondition, listed), 'level[1]: must be one of debug, info, warn, error, fatal');
});

test('each field is told once, and a thousand faults are not told', () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f${index}`, 1]));
  const faults = explain(TypeCompiler.Compile(Log), { ...log, ...many });
  assert.equal(faults.length, 20);
  assert.equal(new Set(faults.map(({ field }) => field)).size, 20);
});
