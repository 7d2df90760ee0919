import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LogPatterns } from '../../src/core/log-patterns.ts';
import { tokenize } from '../../src/core/log-tokens.ts';
import { HOSTILE_TEXTS } from '../fixtures/samples.ts';

function patternsOf(messages: readonly string[]): Record<string, number> {
  const patterns = new LogPatterns<{ level: string; message: string }>();
  for (const message of messages) patterns.add({ level: 'info', message });
  return Object.fromEntries(patterns.list().map(({ text, count }) => [text, count]));
}

test('what varies in a line of any program is masked by what it is', () => {
  const rows: readonly (readonly [message: string, pattern: string])[] = [
    ['order 17 paid', 'order <num> paid'],
    [
      'Jan  5 03:04:05 web-1 sshd[1234]: Failed password for root from 10.0.0.1 port 52022 ssh2',
      '<time> web-<num> sshd[<num>]: Failed password for root from <ip> port <num> ssh2',
    ],
    ['kernel: [12345.678901] eth0: link up', 'kernel: [<num>] eth0: link up'],
    [
      '10.0.0.7 - - [15/Jan/2026:12:00:00 +0000] "GET /api/orders/17?x=1&y=%20 HTTP/1.1" 200 512 "-" "curl/8.5.0"',
      '<ip> - - [<time>] "GET <path> HTTP/<num>" <num> <num> "-" "curl/<num>"',
    ],
    [
      '2026/01/15 12:00:00 [error] 31#31: *17 connect() failed (111: Connection refused), client: 10.0.0.9, upstream: "http://127.0.0.1:8080/x?y=1"',
      '<time> [error] <num>#<num>: *<num> connect() failed (<num>: Connection refused), client: <ip>, upstream: "<url>"',
    ],
    [
      '2026/01/15 12:00:00 http: TLS handshake error from 10.1.2.3:4444: EOF',
      '<time> http: TLS handshake error from <ip>: EOF',
    ],
    [
      'panic: runtime error: index out of range [5] with length 3',
      'panic: runtime error: index out of range [<num>] with length <num>',
    ],
    ['goroutine 17 [running]:', 'goroutine <num> [running]:'],
    [
      'java.lang.IllegalStateException: no such user\n\tat com.foo.Bar.baz(Bar.java:42)\n\tat com.foo.Main.main(Main.java:7)',
      'java.lang.IllegalStateException: no such user <rest>',
    ],
    ['\tat com.foo.Bar$Inner.<init>(Bar.java:42)', 'at <frame>'],
    ['    at async Object.run (/srv/app/index.js:10:5)', 'at <frame>'],
    ['... 23 more', '... <num> more'],
    [
      '{"level":"info","ts":1768478400.123,"msg":"user logged in","ip":"10.0.0.1","took":"12.5ms"}',
      '{"level":"info","ts":<num>,"msg":"user logged in","ip":"<ip>","took":"<duration>"}',
    ],
    [
      'level=info msg="done" path=/v1/users/42 dur=1h2m3.5s bytes=12KB id=550e8400-e29b-41d4-a716-446655440000',
      'level=info msg="done" path=<path> dur=<duration> bytes=<size> id=<id>',
    ],
    [
      '12:00:01.123 DEBUG [main] o.s.b.Application - Started in 2.5 s',
      '<time> DEBUG [main] o.s.b.Application - Started in <num> s',
    ],
    ['2026-01-15T12:00:00.123Z ready', '<time> ready'],
    ['2026-01-15 12:00:00,123+01:00 ready', '<time> ready'],
    ['Thu, 15 Jan 2026 12:00:00 GMT ready', '<time> ready'],
    ['commit 9fceb02d0ae598e95dc970b74767f19372d61af8 by dev@example.com', 'commit <hex> by <email>'],
    ['ptr=0xdeadbeef at 2001:db8::ff00:42:8329 and ::1 by 00:1a:2b:3c:4d:5e', 'ptr=<hex> at <ip> and <ip> by <mac>'],
    ['session AbC123xYz789Q closed, -3 °C, 12%, 1e-5', 'session <id> closed, <num> °C, <num>, <num>'],
    ['C:\\Users\\bob\\file.txt and ~/x.log are gone', '<path> and <path> are gone'],
    ['v1.2.3 on x86_64 with utf8 and sha256', 'v1.2.3 on x86_64 with utf8 and sha256'],
    ['Foo::bar a/b 1/2', 'Foo::bar a/b <num>/<num>'],
    ['', ''],
  ];
  for (const [message, pattern] of rows) assert.deepEqual(Object.keys(patternsOf([message])), [pattern], message);
});

test('words that differ are one pattern while most stay; few words stay apart', () => {
  assert.deepEqual(patternsOf(['user alice logged in', 'user bob logged in', 'user carol logged in']), {
    'user <*> logged in': 3,
  });
  assert.deepEqual(patternsOf(['order 17 paid', 'order 18 paid', 'order 19 failed']), {
    'order <num> paid': 2,
    'order <num> failed': 1,
  });
  assert.deepEqual(patternsOf(['connection opened', 'connection closed']), {
    'connection opened': 1,
    'connection closed': 1,
  });
  assert.deepEqual(patternsOf(['alice joined channel ops', 'bob joined channel ops', 'carol joined channel ops']), {
    '<*> joined channel ops': 3,
  });
});

test('a pattern never grows so wide that it says nothing', () => {
  const words = ['red', 'green', 'blue', 'black'];
  const messages = words.flatMap((a) => words.flatMap((b) => words.map((c) => `paint ${a} ${b} ${c}`)));
  for (const text of Object.keys(patternsOf(messages))) assert.ok((text.match(/<\*>/g) ?? []).length <= 1, text);
});

test('counts, levels and the first example of each, the most frequent first', () => {
  const patterns = new LogPatterns<{ level: string; message: string }>();
  for (const [level, message] of [
    ['info', 'a 1'],
    ['error', 'b 1'],
    ['warn', 'b 2'],
    ['error', 'b 3'],
  ] as const)
    patterns.add({ level, message });
  assert.equal(patterns.size, 4);
  assert.deepEqual(patterns.list(), [
    { text: 'b <num>', count: 3, example: { level: 'error', message: 'b 1' }, levels: { error: 2, warn: 1 } },
    { text: 'a <num>', count: 1, example: { level: 'info', message: 'a 1' }, levels: { info: 1 } },
  ]);
});

test('every message is counted once, whatever it holds', () => {
  const message = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom(...HOSTILE_TEXTS),
    fc.constantFrom('x'.repeat(64 * 1024), '1'.repeat(5000), ':'.repeat(5000), 'a:'.repeat(3000), '/'.repeat(4096)),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 30 }), (messages) => {
      const counts = Object.values(patternsOf(messages));
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        messages.length,
      );
    }),
    { numRuns: 60 },
  );
});

test('what a message says twice over costs no more than its length', () => {
  const hostile = [
    'a:'.repeat(2048),
    '0a:'.repeat(1300),
    '1.'.repeat(2048),
    '-1'.repeat(2048),
    '/a'.repeat(2048),
    'a1_'.repeat(1300),
  ];
  for (const message of hostile) {
    const { user } = process.cpuUsage();
    tokenize(message);
    assert.ok(process.cpuUsage().user - user < 500_000, message.slice(0, 6));
  }
});
