import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createLog, mask } from '../src/log.ts';

test('credentials in text are masked', () => {
  const rows: [string, string][] = [
    ['/ws/logs?token=abc&level=info', '/ws/logs?token=***&level=info'],
    ['GET /x?a=1&apiKey=abc HTTP', 'GET /x?a=1&apiKey=*** HTTP'],
    ['mongodb://root:pw@db:27017/x', 'mongodb://***@db:27017/x'],
    ['https://hooks.example.com/a', 'https://hooks.example.com/a'],
    ['"authorization": "Bearer abc.def"', '"authorization": "Bearer ***"'],
    ['x-api-key: abc', 'x-api-key: ***'],
    ['nothing here', 'nothing here'],
  ];
  for (const [text, want] of rows) assert.equal(mask(text), want);
});

test('of an error only message, code, stack and causes are logged; of a request nothing', () => {
  let line = '';
  const destination = new Writable({
    write(chunk, _encoding, done) {
      line += chunk;
      done();
    },
  });
  const log = createLog({ logLevel: 'info' }, destination);
  const cause = Object.assign(new Error('connect redis://:pw@r'), { code: 'ECONNREFUSED' });
  const err = Object.assign(new Error('failed', { cause }), { headers: { authorization: 'Bearer abc' } });
  log.error({ err, req: { id: 'r-1', headers: { 'x-api-key': 'abc' } } }, 'oh');
  const entry = JSON.parse(line);
  assert.deepEqual(Object.keys(entry.err), ['type', 'message', 'stack', 'cause']);
  assert.equal(entry.err.cause.message, 'connect redis://***@r');
  assert.equal(entry.err.cause.code, 'ECONNREFUSED');
  assert.deepEqual(entry.req, { id: 'r-1' });
  assert.ok(!line.includes('abc'));
});
