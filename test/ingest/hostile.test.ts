import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { KINDS, type Kind } from '../../schemas/event.ts';
import { buildTestApp } from '../fixtures/build-app.ts';
import { HOSTILE_TEXTS } from '../fixtures/samples.ts';
import { JSON_TYPE, LEAST, lines, NDJSON_TYPE, PATHS, post } from './ingest-app.ts';

const event = JSON.stringify(LEAST.log);
/** A log as JSON with `more` among its fields. */
const logWith = (more: string) => `${event.slice(0, -1)},${more}}`;
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const deepObject = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

test('one event that is not what it seems, by every way in', async (t) => {
  const { fastify } = await buildTestApp(t);
  const rows: [string, string, accepted: boolean][] = [
    ['plain', event, true],
    ['__proto__', logWith('"__proto__":{"admin":true}'), false],
    ['__proto__ in escapes', logWith('"\\u005f\\u005fproto__":{"admin":true}'), false],
    ['__proto__ with a space', logWith('"__proto__" : {"admin":true}'), false],
    ['__proto__ far inside', logWith('"meta":{"a":[{"__proto__":1}]}'), false],
    ['__proto__ as a tag', logWith('"tags":{"__proto__":"x"}'), false],
    ['__proto__ as a value', logWith('"meta":{"a":"__proto__"}'), true],
    ['constructor.prototype', logWith('"constructor":{"prototype":{"admin":true}}'), false],
    ['constructor.prototype in meta', logWith('"meta":{"constructor":{"prototype":{"admin":true}}}'), false],
    ['the same in escapes', logWith('"meta":{"\\u0063onstructor":{"prototype":{"admin":true}}}'), false],
    ['a plain constructor in meta', logWith('"meta":{"constructor":"Foo"}'), true],
    ['a plain constructor as a tag', logWith('"tags":{"constructor":"Foo","toString":"x"}'), true],
    ['a plain constructor as a field', logWith('"constructor":"Foo"'), false],
    ['cut off', event.slice(0, -1), false],
    ['a raw NUL', event.replace('order', 'or\u0000der'), false],
    ['a NUL between', `\u0000${event}`, false],
    ['an escaped NUL', event.replace('order', 'or\\u0000der'), true],
    ['a raw tab in text', event.replace('order', 'or\tder'), false],
    ['a lone surrogate', event.replace('order', '\\ud800'), true],
    ['a lone surrogate in a key of meta', logWith('"meta":{"\\udc00":1}'), true],
    ['a key twice, wrong then right', `{"service":7,${event.slice(1)}`, true],
    ['a key twice, right then wrong', logWith('"service":7'), false],
    ['a level twice', logWith('"level":"loud","level":"warn"'), true],
    ['1e999 in meta', logWith('"meta":{"a":1e999}'), false],
    ['-1e999 far inside', logWith('"meta":{"a":[{"b":-1e999}]}'), false],
    ['NaN', logWith('"meta":{"a":NaN}'), false],
    ['Infinity', logWith('"meta":{"a":Infinity}'), false],
    ['an integer above 2^53', logWith('"meta":{"a":9007199254740993}'), true],
    ['a number of 400 digits', logWith(`"meta":{"a":${'9'.repeat(400)}}`), false],
    ['100,000 lists deep in meta', logWith(`"meta":{"a":${deep(100_000)}}`), false],
    ['100,000 objects deep in meta', logWith(`"meta":${deepObject(100_000)}`), false],
    ['100,000 deep with escapes', logWith(`"host":"\\u0041","meta":${deepObject(100_000)}`), false],
    ['100,000 deep for text', logWith(`"host":${deep(100_000)}`), false],
    ['100,000 deep instead of an event', deepObject(100_000), false],
    ['a number for text', logWith('"host":7'), false],
    ['an operator for text', logWith('"host":{"$ne":""}'), false],
    ['a list for text', logWith('"host":["h"]'), false],
    ['null for text', logWith('"host":null'), false],
    ['true for text', logWith('"host":true'), false],
    ['a number for a tag', logWith('"tags":{"a":1}'), false],
    ['a list for tags', logWith('"tags":["a"]'), false],
    ['a list for meta', logWith('"meta":[1]'), false],
    ['null for meta', logWith('"meta":null'), false],
    ['a field that the store makes', logWith('"received_at":"2026-01-01T00:00:00Z"'), false],
    ['an id that the store makes', logWith('"id":"1"'), false],
    ['a comment', `${event}//`, false],
    ['single quotes', event.replaceAll('"', "'"), false],
    ['a trailing comma', `${event.slice(0, -1)},}`, false],
  ];
  let stored = 0;
  for (const [what, sent, accepted] of rows) {
    const one = await fastify.inject(post('/ingest/logs', sent));
    assert.equal(one.statusCode, accepted ? 201 : 400, `${what}: ${one.body}`);
    const queued = await fastify.inject(post('/api/logs', sent));
    assert.equal(queued.statusCode, accepted ? 202 : 400, `${what}: ${queued.body}`);

    // Among good ones: as a line it costs only itself; in a list what is not JSON costs the whole.
    const kinded = sent.replace(/\{/, '{"kind":"log",');
    for (const [url, line, good] of [
      ['/ingest/logs', sent, event],
      ['/ingest/batch', kinded, `{"kind":"log",${event.slice(1)}`],
    ] as const) {
      const counts = { accepted: accepted ? 3 : 2, rejected: accepted ? 0 : 1 };
      const inLines = await fastify.inject(post(url, lines(good, line, good), NDJSON_TYPE));
      const { errors, ...counted } = inLines.json();
      assert.deepEqual([inLines.statusCode, counted], [200, counts], `${what}, ${url}: ${inLines.body}`);
      if (!accepted) assert.equal(errors[0].index, 1, what);
      const list = url === '/ingest/batch' ? `{"events":[${good},${line},${good}]}` : `[${good},${line},${good}]`;
      const inList = await fastify.inject(post(url, list, JSON_TYPE));
      if (inList.statusCode === 400) assert.equal(inList.json().error.code, 'LW_INVALID_JSON', `${what}, ${url}`);
      else assert.deepEqual(inList.json().accepted, counts.accepted, `${what}, ${url}: ${inList.body}`);
      if (accepted) assert.equal(inList.statusCode, 200, `${what}, ${url}: ${inList.body}`);
      stored += counts.accepted + (inList.statusCode === 200 ? counts.accepted : 0);
    }
    stored += accepted ? 2 : 0;
  }
  assert.equal((await fastify.inject('/api/logs')).json().total, stored, 'what is counted as accepted is stored');
  assert.equal((await fastify.inject('/api/logs?limit=500')).statusCode, 200, 'and can be read');
  assert.equal(({} as { admin?: unknown }).admin, undefined);
});

test('bodies that are no text, no JSON, or nothing', async (t) => {
  const { fastify } = await buildTestApp(t);
  const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  const gzip = { 'content-encoding': 'gzip' };
  const rows: [string, string | Buffer, Record<string, string>, number, string?][] = [
    ['empty', '', {}, 400, 'LW_INVALID_JSON'],
    ['empty lines', '', NDJSON_TYPE, 400, 'LW_INVALID_JSON'],
    ['blank', '  \n ', {}, 400, 'LW_INVALID_JSON'],
    ['blank lines', '\n\n \n', NDJSON_TYPE, 400, 'LW_INVALID_JSON'],
    ['empty, packed', gzipSync(''), gzip, 400, 'LW_INVALID_JSON'],
    ['invalid UTF-8', bytes('{"service":"', [0xc3, 0x28], '"}'), {}, 400, 'LW_INVALID_JSON'],
    ['invalid UTF-8 in one line', bytes(`${event}\n`, [0xff]), NDJSON_TYPE, 400, 'LW_INVALID_JSON'],
    ['an overlong slash', bytes('{"service":"', [0xc0, 0xaf], '"}'), {}, 400, 'LW_INVALID_JSON'],
    ['a surrogate in UTF-8', bytes('{"service":"', [0xed, 0xa0, 0x80], '"}'), {}, 400, 'LW_INVALID_JSON'],
    ['UTF-16', Buffer.from(event, 'utf16le'), {}, 400, 'LW_INVALID_JSON'],
    ['a byte order mark', `\ufeff${event}`, {}, 201],
    ['a byte order mark before lines', `\ufeff${event}\n${event}`, NDJSON_TYPE, 200],
    ['a form', 'service=pay', {}, 400, 'LW_INVALID_JSON'],
    ['lines said to be JSON', lines(event, event), {}, 400, 'LW_INVALID_JSON'],
    ['a number', '7', {}, 400, 'LW_INVALID_EVENT'],
    ['a text', '"x"', {}, 400, 'LW_INVALID_EVENT'],
    ['null', 'null', {}, 400, 'LW_INVALID_EVENT'],
    ['an empty object', '{}', {}, 400, 'LW_INVALID_EVENT'],
    ['100,000 lists', deep(100_000), {}, 400, 'LW_INVALID_EVENT'],
    ['truncated gzip', gzipSync(event).subarray(0, -6), gzip, 400, 'LW_INVALID_REQUEST'],
    ['gzip that is none', event, gzip, 400, 'LW_INVALID_REQUEST'],
    ['gzip that is empty', '', gzip, 400],
    ['two gzips in a row', Buffer.concat([gzipSync(`${event}\n`), gzipSync(event)]), { ...NDJSON_TYPE, ...gzip }, 200],
    ['br', event, { 'content-encoding': 'br' }, 415, 'LW_UNSUPPORTED_MEDIA_TYPE'],
    ['gzip, twice', gzipSync(gzipSync(event)), { 'content-encoding': 'gzip, gzip' }, 415, 'LW_UNSUPPORTED_MEDIA_TYPE'],
    ['identity', event, { 'content-encoding': 'identity' }, 201],
  ];
  for (const [what, payload, headers, want, code] of rows) {
    for (const url of want >= 400 ? ['/ingest/logs', '/ingest/batch', '/api/logs'] : ['/ingest/logs']) {
      const reply = await fastify.inject(post(url, payload, headers));
      assert.equal(reply.statusCode, want, `${what}, ${url}: ${reply.body}`);
      if (code !== undefined && url === '/ingest/logs') assert.equal(reply.json().error.code, code, what);
    }
  }
});

test('bodies that do not say what they are, or say something else', async (t) => {
  const { fastify } = await buildTestApp(t);
  for (const url of [...Object.values(PATHS), '/ingest/batch', '/api/logs']) {
    for (const type of [
      undefined,
      '',
      'json',
      'text/plain',
      'text/json',
      'application/xml',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
      'application/octet-stream',
      'application/json; charset=utf-16',
      'application/x-ndjson; charset=latin1',
    ]) {
      const headers = type === undefined ? {} : { 'content-type': type };
      const reply = await fastify.inject({ method: 'POST', url, headers, payload: event });
      const what = `${url} ${type}`;
      assert.deepEqual([reply.statusCode, reply.json().error.code], [415, 'LW_UNSUPPORTED_MEDIA_TYPE'], what);
    }
    assert.equal((await fastify.inject({ method: 'POST', url })).statusCode, 400, `${url} without a body`);
  }
});

test('fields that no event has are named, in each kind', async (t) => {
  const { fastify } = await buildTestApp(t);
  for (const kind of KINDS) {
    for (const field of ['colour', 'Service', 'service ', 'kind', 'toString', '$where', 'a.b', '']) {
      // A span has a kind of its own.
      if (kind === 'span' && field === 'kind') continue;
      const reply = await fastify.inject(post(PATHS[kind], { ...LEAST[kind], [field]: 'x' }));
      assert.equal(reply.statusCode, 400, `${kind}.${field}`);
      assert.equal(reply.json().error.details[0].message, 'is not a known field', `${kind}.${field}`);
      if (field !== '') assert.ok(reply.json().error.message.startsWith(`${field}: `), reply.body);
    }
    for (const field of Object.keys(LEAST[kind])) {
      const without = { ...LEAST[kind], [field]: undefined };
      const reply = await fastify.inject(post(PATHS[kind], without));
      assert.deepEqual([reply.statusCode, reply.json().error.details], [400, [{ field, message: 'is required' }]]);
    }
  }
});

test('an answer does not grow with the faults of what was sent', async (t) => {
  const { fastify } = await buildTestApp(t);
  const faulty = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`field${index}`, index]));
  const reply = await fastify.inject(post('/ingest/logs', faulty));
  assert.equal(reply.statusCode, 400);
  assert.ok(reply.body.length < 4096, `${reply.body.length} bytes`);
});

test('values that only look right', async (t) => {
  const { fastify } = await buildTestApp(t);
  const rows: [Kind, string, accepted: readonly string[], refused: readonly string[]][] = [
    [
      'metric',
      'value',
      ['0', '-0', '1.5', '-1e-300', '5e-324', '1.7976931348623157e308', '9007199254740993', '1E5'],
      ['1e999', '-1e999', 'NaN', 'Infinity', '"1"', 'null', 'true', '[1]', '{}', '01', '.5', '+1', '0x10'],
    ],
    [
      'security',
      'source_ip',
      ['"10.0.0.1"', '"255.255.255.255"', '"::1"', '"::"', '"2001:db8::ff00:42:8329"', '"::ffff:10.0.0.1"'],
      [
        '""',
        '"10.0.0"',
        '"10.0.0.256"',
        '"010.0.0.1"',
        '"10.0.0.1/8"',
        '"2130706433"',
        '"10.0.0.1 "',
        '"[::1]"',
        '":::"',
      ].concat(['"localhost"', '7', 'null', '"1.2.3.4:80"', '"2001:db8::1::2"', '"10.0.0.1\\u0000"']),
    ],
    ['security', 'type', ['"port_scan"', '"other"'], ['"Port_scan"', '"portscan"', '""', 'null', '["other"]']],
    ['security', 'severity', ['"low"', '"critical"'], ['"LOW"', '"none"', '3']],
    ['log', 'level', ['"debug"', '"fatal"'], ['"INFO"', '"trace"', '"warning"', '""', '3', 'null', '["info"]']],
    ['heartbeat', 'status', ['"degraded"', '"unhealthy"'], ['"ok"', '"stale"', '""', 'true']],
    ['metric', 'metric_type', ['"gauge"', '"counter"', '"histogram"'], ['"summary"', '""', 'null']],
    [
      'log',
      'timestamp',
      [
        '"2026-01-15T12:00:00Z"',
        '"2026-01-15T12:00:00.123456789+05:30"',
        '"2026-12-31T23:59:60Z"',
        '"1969-07-20T20:17:40Z"',
      ].concat(['"0000-01-01T00:00:00Z"', '"9999-12-31T23:59:59.999Z"']),
      [
        '""',
        '"now"',
        '"2026-02-30T00:00:00Z"',
        '"2026-01-15T12:00:00"',
        '"2026-01-15"',
        '1768478400000',
        'null',
        '"12026-01-15T12:00:00Z"',
      ].concat([
        '"2026-01-15T24:00:00Z"',
        '"2026-01-15T12:00:00+24:00"',
        '"0000-01-01T00:00:00+00:01"',
        '"9999-12-31T23:59:59-00:01"',
      ]),
    ],
  ];
  for (const [kind, field, accepted, refused] of rows) {
    const { [field]: _replaced, ...rest }: Record<string, unknown> = { ...LEAST[kind] };
    const sent = (value: string) => `${JSON.stringify(rest).slice(0, -1)},"${field}":${value}}`;
    for (const value of accepted) {
      const reply = await fastify.inject(post(PATHS[kind], sent(value)));
      assert.equal(reply.statusCode, 201, `${kind}.${field} ${value}: ${reply.body}`);
    }
    for (const value of refused) {
      const reply = await fastify.inject(post(PATHS[kind], sent(value)));
      assert.equal(reply.statusCode, 400, `${kind}.${field} ${value}: ${reply.body}`);
    }
  }
  for (const url of ['/api/logs', '/api/metrics', '/api/security']) {
    assert.equal((await fastify.inject(`${url}?limit=500`)).statusCode, 200, url);
  }
});

test('texts that break programs come back as they were sent; halves of characters as U+FFFD', async (t) => {
  const { fastify } = await buildTestApp(t);
  const read = async (sent: string) => {
    const reply = await fastify.inject(post('/ingest/logs', sent));
    assert.equal(reply.statusCode, 201, `${sent}: ${reply.body}`);
    return (await fastify.inject(`/api/logs/${reply.json().id}`)).json();
  };
  for (const text of HOSTILE_TEXTS) {
    const { message, meta, tags, host } = await read(
      JSON.stringify({ ...LEAST.log, message: text, host: text, meta: { [text]: [text] }, tags: { [text]: text } }),
    );
    assert.deepEqual(
      { message, meta, tags, host },
      { message: text, host: text, meta: { [text]: [text] }, tags: { [text]: text } },
    );
  }
  const halves =
    '{"service":"a\\ud800","level":"info","message":"\\udc00b","event_id":"e\\ud800","tags":{"\\ud800":"\\udfff"},"meta":{"\\ud800":["\\udc00"]}}';
  const { service, message, event_id, tags, meta } = await read(halves);
  assert.deepEqual(
    { service, message, event_id, tags, meta },
    {
      service: 'a\ufffd',
      message: '\ufffdb',
      event_id: 'e\ufffd',
      tags: { '\ufffd': '\ufffd' },
      meta: { '\ufffd': ['\ufffd'] },
    },
  );
  const whole = await read(event.replace('order', '\\ud83d\\udd25'));
  assert.equal(whole.message, '🔥 17 paid');
});
