import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS, type Kind } from '../../schemas/event.ts';
import { FILTER_PARAMETERS } from '../../schemas/query.ts';
import { eventFilter } from '../../src/core/event-filter.ts';
import { all, EVERYTHING, equals, type Filter } from '../../src/core/filter.ts';
import { FilterError } from '../../src/core/filter-error.ts';
import { NOON } from '../fixtures/samples.ts';

test('parameters become a filter, all of which must hold', () => {
  const rows: readonly (readonly [Kind, Record<string, string | undefined>, Filter])[] = [
    ['log', {}, EVERYTHING],
    ['log', { service: undefined }, EVERYTHING],
    ['log', { service: 'pay' }, equals('service', 'pay')],
    ['log', { level: 'warn,error' }, { op: 'one_of', field: 'level', values: ['warn', 'error'] }],
    ['log', { min_level: 'error' }, { op: 'one_of', field: 'level', values: ['error', 'fatal'] }],
    [
      'log',
      { q: 'a b', regex: 'c' },
      all({ op: 'phrase', text: 'a' }, { op: 'phrase', text: 'b' }, { op: 'regex', pattern: 'c' }),
    ],
    ['log', { from: 'now-1s', to: 'now' }, { op: 'time', from: NOON - 1000, to: NOON }],
    ['log', { 'tags.region': 'eu', 'tags.': '' }, all(equals('tags.region', 'eu'), equals('tags.', ''))],
    ['metric', { name: 'cpu' }, equals('name', 'cpu')],
    ['security', { ip: '::1' }, equals('source_ip', '::1')],
    ['security', { min_severity: 'high' }, { op: 'one_of', field: 'severity', values: ['high', 'critical'] }],
    ['heartbeat', { status: 'degraded' }, equals('status', 'degraded')],
    // A WebSocket's filter is JSON, which can hold half a character.
    ['log', { service: 'a\ud83d' }, equals('service', 'a\ufffd')],
  ];
  for (const [kind, params, want] of rows)
    assert.deepEqual(eventFilter(kind, params, NOON), want, JSON.stringify(params));
});

test('what makes no sense is refused by name', () => {
  const rows: readonly (readonly [Kind, Record<string, string>, string])[] = [
    ['log', { colour: 'red' }, 'colour'],
    ['log', { toString: 'x' }, 'toString'],
    ['log', { service: '' }, 'service'],
    ['log', { name: 'x' }, 'name'],
    ['metric', { q: 'x' }, 'q'],
    ['log', { level: 'Error' }, 'level'],
    ['log', { level: '' }, 'level'],
    ['log', { from: '' }, 'from'],
    ['log', { regex: '(' }, 'regex'],
    ['log', { [`tags.${'k'.repeat(65)}`]: 'v' }, `tags.${'k'.repeat(65)}`],
  ];
  for (const [kind, params, field] of rows) {
    assert.throws(
      () => eventFilter(kind, params, NOON),
      (error) => error instanceof FilterError && error.field === field,
      JSON.stringify(params),
    );
  }
});

test('the query schemas list exactly the parameters that are understood', () => {
  const values: Readonly<Record<string, string>> = {
    from: 'now',
    to: 'now',
    level: 'info',
    min_level: 'info',
    type: 'xss',
    severity: 'low',
    min_severity: 'low',
    status: 'healthy',
  };
  const names = new Set(KINDS.flatMap((kind) => Object.keys(FILTER_PARAMETERS[kind])));
  for (const kind of KINDS) {
    for (const name of names) {
      const value = kind === 'span' && name === 'status' ? 'ok' : (values[name] ?? 'x');
      const ask = () => eventFilter(kind, { [name]: value }, NOON);
      if (name in FILTER_PARAMETERS[kind]) assert.doesNotThrow(ask, `${kind} ${name}`);
      else assert.throws(ask, FilterError, `${kind} ${name}`);
    }
  }
});
