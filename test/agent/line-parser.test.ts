import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { levelOf } from '../../src/agent/level-word.ts';
import { guessLevel, parseLine } from '../../src/agent/line-parser.ts';
import { leadingMoment, momentOf } from '../../src/agent/moment.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const AT = Date.UTC(2026, 0, 15, 10, 30);

test('a line of text has the level that is set apart as one, else info', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['an ordinary line', 'info'],
    ['2026-01-15 10:30:00,123 ERROR [main] it broke', 'error'],
    ['2026-01-15T10:30:00Z WARN it may break', 'warn'],
    ['[error] 12#0: *1 open() failed', 'error'],
    ['[Thu Jan 15 10:30:00.1 2026] [core:warn] [pid 7] slow', 'warn'],
    ['2026-01-15 10:30:00 UTC [7] FATAL:  too many connections', 'fatal'],
    ['level=warn msg="slow query"', 'warn'],
    ['ts=1 lvl=error msg=x', 'error'],
    ['error: no such file', 'error'],
    ['E0115 10:30:00.000000 1 main.go:7] it broke', 'error'],
    ['<11>Jan 15 10:30:00 host app: it broke', 'error'],
    ['DEBUG:root:details', 'debug'],
    ['DEBUG: details', 'debug'],
    ['no error was found', 'info'],
    ['NO ERROR FOUND', 'info'],
    ['GET /errors/error.html 200', 'info'],
    ['the word ERROR far behind, among very many other words of one long line of prose', 'error'],
    ['one two three four five six seven eight nine ERROR', 'info'],
  ];
  for (const [line, want] of rows) assert.equal(guessLevel(line), want, line);
});

test('levels of other loggers', () => {
  const rows: readonly (readonly [unknown, string | undefined])[] = [
    [10, 'debug'],
    [20, 'debug'],
    [30, 'info'],
    [40, 'warn'],
    [50, 'error'],
    [60, 'fatal'],
    [35, 'info'],
    [0, 'fatal'],
    [3, 'error'],
    [4, 'warn'],
    [6, 'info'],
    [7, 'debug'],
    ['3', 'error'],
    ['50', 'error'],
    ['WARNING', 'warn'],
    ['Information', 'info'],
    ['crit', 'fatal'],
    ['W', 'warn'],
    ['panic', 'fatal'],
    ['loud', undefined],
    ['constructor', undefined],
    [-1, undefined],
    [1e9, undefined],
    [null, undefined],
    [{}, undefined],
  ];
  for (const [value, want] of rows) assert.equal(levelOf(value), want, String(value));
});

test('the moment at the start of a line', () => {
  const local = new Date(2026, 0, 15, 10, 30).getTime();
  const rows: readonly (readonly [string, number | undefined])[] = [
    ['2026-01-15T10:30:00Z x', AT],
    ['2026-01-15T10:30:00.123456Z x', AT + 123],
    ['2026-01-15T12:30:00+02:00 x', AT],
    ['2026-01-15T12:30:00+0200 x', AT],
    ['[2026-01-15T10:30:00Z] x', AT],
    ['2026-01-15 10:30:00 UTC x', AT],
    ['2026-01-15 10:30:00 x', local],
    ['2026-01-15 10:30:00,250 x', local + 250],
    ['Jan 15 10:30:00 host app[1]: x', local],
    ['<11>Jan 15 10:30:00 host app: x', local],
    ['Dec 31 10:30:00 host app: x', new Date(2025, 11, 31, 10, 30).getTime()],
    ['127.0.0.1 - - [15/Jan/2026:10:30:00 +0000] "GET / HTTP/1.1" 200', AT],
    ['2026-02-30T10:30:00Z x', undefined],
    ['2026-01-15T25:30:00Z x', undefined],
    ['0001-01-01T00:00:00Z x', undefined],
    ['x 2026-01-15T10:30:00Z', undefined],
    ['', undefined],
  ];
  for (const [line, want] of rows) assert.equal(leadingMoment(line, NOW), want, line);
});

test('moments of JSON fields: text, and numbers of any usual unit', () => {
  const rows: readonly (readonly [unknown, number | undefined])[] = [
    [AT, AT],
    [AT / 1000, AT],
    [AT * 1000, AT],
    [AT * 1e6, AT],
    [String(AT), AT],
    [`${AT / 1000}.5`, AT + 500],
    ['2026-01-15T10:30:00Z', AT],
    ['yesterday', undefined],
    [12.5, undefined],
    [-1, undefined],
    [1e300, undefined],
    [true, undefined],
  ];
  for (const [value, want] of rows) assert.equal(momentOf(value), want, String(value));
});

test('JSON lines are read by the names that loggers use', () => {
  const at = '2026-01-15T10:30:00Z';
  const rows: readonly (readonly [object, object])[] = [
    [
      { level: 50, time: AT, pid: 7, msg: 'broke' },
      { level: 'error', timestamp: AT, message: 'broke', meta: { pid: 7 } },
    ],
    [
      { severity: 'WARNING', '@timestamp': at, message: 'slow' },
      { level: 'warn', timestamp: AT, message: 'slow', meta: {} },
    ],
    [
      { ts: AT / 1000, level: 'info', msg: 'up', n: 1 },
      { level: 'info', timestamp: AT, message: 'up', meta: { n: 1 } },
    ],
    [
      { log: 'a line\n', stream: 'stderr', time: at },
      { level: 'info', timestamp: AT, message: 'a line', meta: { stream: 'stderr' } },
    ],
    [
      { message: 'm', service: 'pay', traceId: 't1', 'span.id': 's1', level: 'loud' },
      {
        level: 'info',
        timestamp: undefined,
        message: 'm',
        service: 'pay',
        trace_id: 't1',
        span_id: 's1',
        meta: { level: 'loud' },
      },
    ],
  ];
  for (const [line, want] of rows) assert.deepEqual(parseLine(JSON.stringify(line), NOW), want);
});

test('a JSON line that is no event is kept as it is', () => {
  const deep = JSON.stringify({ message: 'm', a: JSON.parse(`${'['.repeat(9)}${']'.repeat(9)}`) });
  const big = JSON.stringify({ message: 'm', a: 'x'.repeat(20_000) });
  const rows = [
    '{"a":1}',
    '{"message":7}',
    '{broken}',
    '{}',
    '{"__proto__":{"a":1},"message":"m"}',
    deep,
    big,
    '[1]',
    '"text"',
  ];
  for (const line of rows)
    assert.deepEqual(
      { message: line, meta: {} },
      { message: parseLine(line, NOW).message, meta: parseLine(line, NOW).meta },
      line,
    );
});

test('whatever a line holds, it is read as some event', () => {
  const check = (line: string) => {
    const { message, level, timestamp } = parseLine(line, NOW);
    assert.ok(typeof message === 'string' && typeof level === 'string');
    assert.ok(timestamp === undefined || !Number.isNaN(new Date(timestamp).getTime()));
  };
  fc.assert(fc.property(fc.string({ unit: 'binary' }), check));
  fc.assert(fc.property(fc.json(), check));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('msg', 'time', 'level', 'meta', 'service'), fc.jsonValue()), (fields) =>
      check(JSON.stringify(fields)),
    ),
  );
});
