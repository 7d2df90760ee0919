import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createGzip, gzipSync } from 'node:zlib';
import { LIMITS } from '../../schemas/limits.ts';
import { TIMEOUTS } from '../../src/http/door.ts';
import { type DoorAppOptions, doorApp, portOf, sendRaw } from './door-app.ts';

const NOTE = '{"note":"x"}';

async function listening(t: TestContext, options: DoorAppOptions = {}) {
  const door = await doorApp(t, options);
  await door.app.listen({ host: '127.0.0.1', port: 0 });
  return { ...door, port: portOf(door) };
}

const lines = (...all: readonly string[]) => `${all.join('\r\n')}\r\n\r\n`;
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

function post(headers: readonly string[], body: string | Buffer, path = '/notes'): Buffer {
  const head = lines(
    `POST ${path} HTTP/1.1`,
    'Host: x',
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  );
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

test('JSON that is not what it seems', async (t) => {
  const { app } = await doorApp(t);
  const nested = (depth: number) => `{"note":"x","meta":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  const rows: [string, string | Buffer, number][] = [
    ['plain', NOTE, 200],
    ['__proto__', '{"note":"x","__proto__":{"a":1}}', 400],
    ['__proto__ in escapes', '{"note":"x","\\u005f_proto__":{"a":1}}', 400],
    ['__proto__ far inside', '{"note":"x","meta":{"a":[{"__proto__":1}]}}', 400],
    ['constructor.prototype', '{"note":"x","constructor":{"prototype":{"a":1}}}', 400],
    ['a plain word in meta', '{"note":"x","meta":{"constructor":"Foo"}}', 200],
    ['truncated', '{"note":"x"', 400],
    ['empty', '', 400],
    ['a raw NUL', '{"note":"a\u0000b"}', 400],
    ['an escaped NUL', '{"note":"a\\u0000b"}', 200],
    ['invalid UTF-8', Buffer.from([...Buffer.from('{"note":"'), 0xc3, 0x28, ...Buffer.from('"}')]), 400],
    ['an overlong slash', Buffer.from([...Buffer.from('{"note":"'), 0xc0, 0xaf, ...Buffer.from('"}')]), 400],
    ['a byte order mark', `\ufeff${NOTE}`, 200],
    ['a key twice', '{"note":1,"note":"x"}', 200],
    ['a number for text', '{"note":1}', 400],
    ['an operator for text', '{"note":{"$ne":""}}', 400],
    ['an unknown field', '{"note":"x","colour":"red"}', 400],
    ['32 deep', nested(31), 200],
    ['33 deep', nested(32), 400],
    ['100,000 deep', nested(100_000), 400],
    ['not JSON at all', 'note=x', 400],
    ['NaN', '{"note":"x","meta":NaN}', 400],
  ];
  for (const [what, payload, want] of rows) {
    const response = await app.inject({
      method: 'POST',
      url: '/notes',
      headers: { 'content-type': 'application/json' },
      payload,
    });
    assert.equal(response.statusCode, want, `${what}: ${response.body}`);
  }
});

test('parameters that would otherwise be a filter that is not there', async (t) => {
  const { app } = await doorApp(t);
  const rows: [string, string, string][] = [
    ['/notes?level[$ne]=x', 'level[$ne]', 'is not a known parameter'],
    ['/notes?levle=x', 'levle', 'is not a known parameter'],
    ['/notes?level=a&level=b', 'level', 'was given more than once'],
    ['/notes?__proto__=x', '__proto__', 'is not a known parameter'],
  ];
  for (const [url, field, message] of rows) {
    const response = await app.inject(url);
    assert.equal(response.statusCode, 400, url);
    assert.deepEqual(response.json().error.details, [{ field, message }], url);
  }
});

test('content types and encodings that are not accepted', async (t) => {
  const { app } = await doorApp(t);
  const json = 'application/json';
  const rows: [string, Record<string, string>, string | Buffer, number][] = [
    ['JSON', { 'content-type': json }, NOTE, 200],
    ['JSON in utf-8', { 'content-type': `${json}; charset=utf-8` }, NOTE, 200],
    ['JSON in "UTF-8"', { 'content-type': `${json};charset="UTF-8"` }, NOTE, 200],
    ['JSON in utf-16', { 'content-type': `${json}; charset=utf-16` }, NOTE, 415],
    ['JSON in latin1', { 'content-type': `${json}; charset=iso-8859-1` }, NOTE, 415],
    ['no type', {}, NOTE, 415],
    ['an empty type', { 'content-type': '' }, NOTE, 415],
    ['nonsense', { 'content-type': 'json' }, NOTE, 415],
    ['text', { 'content-type': 'text/plain' }, NOTE, 415],
    ['XML', { 'content-type': 'application/xml' }, '<a/>', 415],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'note=x', 415],
    ['NDJSON where there are no lines', { 'content-type': 'application/x-ndjson' }, NOTE, 415],
    ['gzip', { 'content-type': json, 'content-encoding': 'gzip' }, gzipSync(NOTE), 200],
    ['identity', { 'content-type': json, 'content-encoding': 'identity' }, NOTE, 200],
    ['br', { 'content-type': json, 'content-encoding': 'br' }, NOTE, 415],
    ['gzip twice', { 'content-type': json, 'content-encoding': 'gzip, gzip' }, gzipSync(gzipSync(NOTE)), 415],
    ['unknown', { 'content-type': json, 'content-encoding': 'x-nonsense' }, NOTE, 415],
    ['gzip cut off', { 'content-type': json, 'content-encoding': 'gzip' }, gzipSync(NOTE).subarray(0, -6), 400],
    ['gzip that is none', { 'content-type': json, 'content-encoding': 'gzip' }, NOTE, 400],
  ];
  for (const [what, headers, payload, want] of rows) {
    const response = await app.inject({ method: 'POST', url: '/notes', headers, payload });
    assert.equal(response.statusCode, want, `${what}: ${response.body}`);
    if (want >= 400) assert.match(response.json().error.code, /^LW_/, what);
  }
});

test('bodies over the limit are refused before they are read', async (t) => {
  const { port } = await listening(t);
  const big = `{"note":"${'x'.repeat(LIMITS.bodyBytes)}"}`;
  const type = 'Content-Type: application/json';
  const rows: [string, Buffer | string, number][] = [
    ['a body over the limit', post([type], big), 413],
    ['the same in gzip', post([type, 'Content-Encoding: gzip'], gzipSync(big)), 413],
    ['a huge Content-Length', lines('POST /notes HTTP/1.1', 'Host: x', type, 'Content-Length: 9007199254740991'), 413],
    [
      'a Content-Length beyond numbers',
      lines('POST /notes HTTP/1.1', 'Host: x', type, 'Content-Length: 99999999999999999999'),
      400,
    ],
    [
      'chunks over the limit',
      `${lines('POST /notes HTTP/1.1', 'Host: x', type, 'Transfer-Encoding: chunked')}${big.length.toString(16)}\r\n${big}\r\n0\r\n\r\n`,
      413,
    ],
  ];
  for (const [what, request, want] of rows) assert.equal(statusOf(await sendRaw(port, request)), want, what);
});

test('a gzip bomb costs neither memory nor time', async (t) => {
  const { port } = await listening(t);
  const bomb = await gzipOfZeros(200 * 1024 * 1024);
  const before = process.memoryUsage().rss;
  const began = performance.now();
  const headers = ['Content-Type: application/json', 'Content-Encoding: gzip'];
  assert.equal(statusOf(await sendRaw(port, post(headers, bomb, '/batches'))), 413);
  assert.ok(performance.now() - began < 2000, 'refused fast');
  assert.ok(process.memoryUsage().rss - before < 120 * 1024 * 1024, 'memory stays flat');
});

async function gzipOfZeros(bytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const packed: Buffer[] = [];
  gzip.on('data', (chunk) => packed.push(chunk));
  const zeros = Buffer.alloc(1024 * 1024);
  for (let written = 0; written < bytes; written += zeros.length) {
    if (!gzip.write(zeros)) await new Promise((resolve) => gzip.once('drain', resolve));
  }
  await new Promise<void>((resolve) => gzip.end(resolve));
  return Buffer.concat(packed);
}

test('requests that two servers could read in two ways', async (t) => {
  const { port } = await listening(t);
  const type = 'Content-Type: application/json';
  const rows: [string, string, number][] = [
    [
      'Content-Length and chunked',
      `${lines('POST /notes HTTP/1.1', 'Host: x', type, 'Content-Length: 12', 'Transfer-Encoding: chunked')}c\r\n${NOTE}\r\n0\r\n\r\n`,
      400,
    ],
    [
      'two Content-Lengths',
      `${lines('POST /notes HTTP/1.1', 'Host: x', type, 'Content-Length: 12', 'Content-Length: 11')}${NOTE}`,
      400,
    ],
    [
      'the same twice',
      `${lines('POST /notes HTTP/1.1', 'Host: x', type, 'Content-Length: 12', 'Content-Length: 12')}${NOTE}`,
      400,
    ],
    ['bare line feeds', 'GET /notes HTTP/1.1\nHost: x\n\n', 400],
    ['a folded header', 'GET /notes HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n', 400],
    ['a space before the colon', lines('GET /notes HTTP/1.1', 'Host: x', 'X-A : a'), 400],
    ['two Hosts', lines('GET /notes HTTP/1.1', 'Host: x', 'Host: y', 'Connection: close'), 400],
    ['no Host', lines('GET /notes HTTP/1.1', 'Connection: close'), 400],
    ['another chunk coding', lines('POST /notes HTTP/1.1', 'Host: x', type, 'Transfer-Encoding: gzip'), 400],
    ['not HTTP', 'hello\r\n\r\n', 400],
    [
      '2,500 short headers',
      lines('GET /open HTTP/1.1', 'Host: x', 'Connection: close', ...Array(2500).fill('a:')),
      431,
    ],
    ['129 headers', lines('GET /open HTTP/1.1', 'Host: x', 'Connection: close', ...Array(127).fill('a:')), 431],
    ['128 headers', lines('GET /open HTTP/1.1', 'Host: x', 'Connection: close', ...Array(126).fill('a:')), 200],
    ['headers of 17 KiB', lines('GET /open HTTP/1.1', 'Host: x', `X-A: ${'a'.repeat(17 * 1024)}`), 431],
    [
      'two credentials',
      lines('GET /open HTTP/1.1', 'Host: x', 'Connection: close', 'Authorization: a', 'Authorization: b'),
      200,
    ],
  ];
  for (const [what, request, want] of rows) {
    const answer = await sendRaw(port, request);
    assert.equal(statusOf(answer), want, `${what}: ${answer}`);
    if (want >= 400)
      assert.match(answer, /\{"error":\{"code":"LW_\w+","message":"[^"]+"\},"request_id":"[\w-]+"\}$/, what);
  }
});

test('headers and bodies that come too slowly are answered with 408', async (t) => {
  const { port } = await listening(t, { timeouts: { ...TIMEOUTS, headersMs: 100, requestMs: 200, checkEveryMs: 20 } });
  const rows: [string, string][] = [
    ['headers without an end', 'GET /open HTTP/1.1\r\nHost: x\r\n'],
    [
      'a body without an end',
      lines('POST /notes HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Content-Length: 12'),
    ],
  ];
  for (const [what, request] of rows) {
    const answer = await sendRaw(port, request);
    assert.equal(statusOf(answer), 408, what);
    assert.match(answer, /LW_REQUEST_TIMEOUT/, what);
  }
});

test('a connection that says nothing is let go', async (t) => {
  const { port } = await listening(t, { timeouts: { ...TIMEOUTS, silenceMs: 50 } });
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve) => socket.once('close', resolve));
});

test('an upgrade that is answered plainly leaves no socket behind', async (t) => {
  const { port } = await listening(t, { env: { API_KEY: 'a-key-of-the-tests' } });
  for (const [path, want] of [
    ['/notes', 401],
    ['/socket', 401],
    ['/socket?token=wrong', 401],
    ['/nowhere', 404],
    ['/open', 200],
  ] as const) {
    const request = lines(`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket');
    assert.equal(statusOf(await sendRaw(port, request)), want, path);
  }
});

test('paths that would leave a folder, and hostile path parameters', async (t) => {
  const { app } = await doorApp(t);
  const rows: [string, number][] = [
    ['/docs/assets/../../package.json', 404],
    ['/docs/assets/%2e%2e/%2e%2e/package.json', 404],
    ['/docs/assets/..%2f..%2fpackage.json', 404],
    ['/docs/assets/swagger-ui.css%00.png', 404],
    ['/docs/assets/', 404],
    [`/notes/${'x'.repeat(600)}`, 404],
  ];
  for (const [url, want] of rows) assert.equal((await app.inject(url)).statusCode, want, url);
});

test('answers are never taken for pages, and the page of the documentation loads only from here', async (t) => {
  const { app } = await doorApp(t);
  for (const url of ['/open', '/nowhere', '/notes?x=1', '/docs/json']) {
    const { headers } = await app.inject(url);
    assert.equal(headers['x-content-type-options'], 'nosniff', url);
    assert.match(String(headers['content-security-policy']), /^default-src 'none'; base-uri 'none'/, url);
  }
  const page = await app.inject('/docs');
  assert.match(String(page.headers['content-security-policy']), /script-src 'self';/);
  assert.ok(!/<script>|onclick|style=/.test(page.body), 'nothing inline');
});

test('a name that was made to point at an open server does not open it', async (t) => {
  const rows: [Record<string, string>, string, number][] = [
    [{}, 'localhost:3000', 200],
    [{}, '127.0.0.1:3000', 200],
    [{}, '[::1]:3000', 200],
    [{}, 'lightwatch.localhost', 200],
    [{}, 'workstation:3000', 200],
    [{}, 'evil.example:3000', 403],
    [{}, '127.0.0.1.evil.example', 403],
    [{ PUBLIC_URL: 'https://ops.example' }, 'ops.example', 200],
    [{ PUBLIC_URL: 'https://ops.example' }, 'evil.example', 403],
    [{ ALLOW_ANONYMOUS: 'true' }, 'ops.example', 200],
    [{ API_KEY: 'a-key-of-the-tests' }, 'ops.example', 401],
  ];
  for (const [env, host, want] of rows) {
    const { app } = await doorApp(t, { env });
    assert.equal(
      (await app.inject({ url: '/notes', headers: { host } })).statusCode,
      want,
      `${JSON.stringify(env)} ${host}`,
    );
  }
});

test('browsers of other origins are let in only when they are named', async (t) => {
  const preflight = (origin: string) => ({
    method: 'OPTIONS' as const,
    url: '/notes',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key' },
  });
  const allowed = (response: { headers: Record<string, unknown> }) => response.headers['access-control-allow-origin'];
  const closed = (await doorApp(t)).app;
  assert.equal(allowed(await closed.inject(preflight('https://a.example'))), undefined);
  const env = { CORS_ORIGIN: 'https://a.example', API_KEY: 'a-key-of-the-tests' };
  const open = (await doorApp(t, { env })).app;
  const response = await open.inject(preflight('https://a.example'));
  assert.deepEqual(
    [response.statusCode, allowed(response)],
    [204, 'https://a.example'],
    'no credential is asked of a preflight',
  );
  assert.equal(allowed(await open.inject(preflight('https://b.example'))), undefined);
  assert.equal(
    (await open.inject({ url: '/nowhere', method: 'POST' })).statusCode,
    404,
    'CORS does not make paths known',
  );
});

test('long answers to GET may be compressed', async (t) => {
  const { app } = await doorApp(t);
  const headers = { 'accept-encoding': 'gzip' };
  const { headers: long } = await app.inject({ url: '/docs/json', headers });
  assert.equal(long['content-encoding'], 'gzip');
  const { headers: short } = await app.inject({ url: '/open', headers });
  assert.equal(short['content-encoding'], undefined);
});
