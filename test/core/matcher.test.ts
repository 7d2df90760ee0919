import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { all, EVERYTHING, equals, type Filter } from '../../src/core/filter.ts';
import { FilterError } from '../../src/core/filter-error.ts';
import { matcher } from '../../src/core/matcher.ts';
import { aHeartbeat, aLog, aMetric, anyEvent, anyFilter, aSecurityEvent, NOON } from '../fixtures/samples.ts';

const event = fc.oneof(anyEvent.log, anyEvent.metric, anyEvent.security, anyEvent.heartbeat, anyEvent.span);

test('each part of a filter says what it says', () => {
  const log = aLog({ message: 'order 17 paid', host: 'h1', tags: { region: 'eu', '': 'x' } });
  const rows: readonly (readonly [Filter, boolean])[] = [
    [EVERYTHING, true],
    [{ op: 'any', filters: [] }, false],
    [equals('service', 'pay'), true],
    [equals('service', 'PAY'), false],
    [{ op: 'one_of', field: 'level', values: ['warn', 'info'] }, true],
    [{ op: 'one_of', field: 'level', values: ['a', 'b', 'c', 'd', 'info'] }, true],
    [{ op: 'one_of', field: 'level', values: ['a', 'b', 'c', 'd', 'e'] }, false],
    [{ op: 'one_of', field: 'level', values: [] }, false],
    [equals('trace_id', ''), false],
    [equals('trace_id', 'undefined'), false],
    [{ op: 'not', filter: equals('trace_id', 't') }, true],
    [equals('tags.region', 'eu'), true],
    [equals('tags.', 'x'), true],
    [equals('tags.constructor', 'x'), false],
    [equals('tags.__proto__', ''), false],
    [{ op: 'time', from: NOON, to: NOON }, true],
    [{ op: 'time', from: NOON + 1 }, false],
    [{ op: 'time', to: NOON - 1 }, false],
    [{ op: 'time' }, true],
    [{ op: 'phrase', text: 'ORDER 17' }, true],
    [{ op: 'regex', pattern: '^order \\d+' }, true],
    [all(equals('host', 'h1'), { op: 'phrase', text: 'paid' }, { op: 'regex', pattern: 'x' }), false],
    [{ op: 'any', filters: [equals('host', 'h2'), { op: 'phrase', text: 'paid' }] }, true],
  ];
  for (const [filter, want] of rows) assert.equal(matcher(filter)(log), want, JSON.stringify(filter));
});

test('fields that are no words, or of other kinds, match nothing', () => {
  assert.equal(matcher(equals('name', 'cpu_usage'))(aMetric()), true);
  assert.equal(matcher(equals('name', 'cpu_usage'))(aLog()), false);
  assert.equal(matcher({ op: 'phrase', text: '' })(aMetric()), false);
  assert.equal(matcher({ op: 'phrase', text: 'd' })(aSecurityEvent({ description: 'd' })), false);
  assert.equal(matcher(equals('status', 'healthy'))(aHeartbeat()), true);
});

test('an expression that is none is refused when the matcher is made', () => {
  assert.throws(() => matcher({ op: 'not', filter: { op: 'regex', pattern: '(' } }), FilterError);
});

test('not turns every answer around, and the laws of De Morgan hold', () => {
  fc.assert(
    fc.property(event, anyFilter, anyFilter, (one, a, b) => {
      const holds = (filter: Filter) => matcher(filter)(one);
      const not = (filter: Filter): Filter => ({ op: 'not', filter });
      assert.equal(holds(not(a)), !holds(a));
      assert.equal(holds({ op: 'all', filters: [a, b] }), holds(a) && holds(b));
      assert.equal(holds({ op: 'any', filters: [a, b] }), holds(not(all(not(a), not(b)))));
      assert.equal(holds(all(a, b)), holds(all(b, a)));
    }),
    { numRuns: 500 },
  );
});
