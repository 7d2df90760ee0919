import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAddressGuard, type Resolve } from '../../src/alert/notify/address-guard.ts';

test('a URL that leads inside is refused as it is written', () => {
  const rows: [string, RegExp | undefined][] = [
    ['https://hooks.example.com/x', undefined],
    ['http://8.8.8.8/', undefined],
    ['http://[2606:4700::1]:8080/', undefined],
    ['http://127.0.0.1/', /127.0.0.1 is not a public address/],
    ['http://127.1/', /127.0.0.1/],
    ['http://2130706433/', /127.0.0.1/],
    ['http://0x7f.0.0.1/', /127.0.0.1/],
    ['http://0177.0.0.1/', /127.0.0.1/],
    ['http://①②⑦.0.0.1/', /127.0.0.1/],
    ['http://0/', /0.0.0.0/],
    ['http://localhost:3000/', /localhost/],
    ['http://LocalHost./', /localhost/],
    ['http://x.localhost/', /localhost/],
    ['http://[::1]/', /::1/],
    ['http://[::]/', /::/],
    ['http://[::ffff:127.0.0.1]/', /not a public/],
    ['http://[::ffff:a9fe:a9fe]/', /not a public/],
    ['http://[::127.0.0.1]/', /not a public/],
    ['http://[64:ff9b::7f00:1]/', /not a public/],
    ['http://[2002:7f00:1::]/', /not a public/],
    ['http://[fe80::1]/', /not a public/],
    ['http://[fd00::1]/', /not a public/],
    ['http://169.254.169.254/latest/meta-data', /not a public/],
    ['http://10.0.0.1/', /not a public/],
    ['http://172.16.0.1/', /not a public/],
    ['http://192.168.1.1/', /not a public/],
    ['http://100.64.0.1/', /not a public/],
    ['http://224.0.0.1/', /not a public/],
    ['http://255.255.255.255/', /not a public/],
    ['http://user:pass@example.com/', /password/],
    ['ftp://example.com/', /http/],
    ['file:///etc/passwd', /http/],
    ['not a url', /http/],
  ];
  const guard = createAddressGuard([]);
  for (const [url, want] of rows) {
    const refusal = guard.refusalOfUrl(url);
    if (want === undefined) assert.equal(refusal, undefined, url);
    else assert.match(refusal ?? '', want, url);
  }
});

test('WEBHOOK_ALLOW opens hosts, addresses and blocks by name, and nothing else', () => {
  const guard = createAddressGuard(['127.0.0.1', '10.1.0.0/16', 'fd00::/8', 'Hooks.Internal']);
  const rows: [string, boolean][] = [
    ['http://127.0.0.1:9/', true],
    ['http://[::ffff:127.0.0.1]/', true],
    ['http://127.0.0.2/', false],
    ['http://localhost/', true],
    ['http://10.1.255.1/', true],
    ['http://10.2.0.1/', false],
    ['http://[fd00::5]/', true],
    ['http://[fe80::5]/', false],
  ];
  for (const [url, want] of rows) assert.equal(guard.refusalOfUrl(url) === undefined, want, url);
  assert.equal(guard.allows('hooks.internal', '192.168.7.7'), true);
  assert.equal(guard.allows('other.internal', '192.168.7.7'), false);
});

/** A resolver that knows one answer to everything. */
function resolver(addresses: readonly string[]): Resolve {
  const answer = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return (_host, _options, done) => done(null, answer);
}

test('a name that resolves inside is refused at lookup; of several addresses the public ones stay', async () => {
  const rows: [readonly string[], readonly string[]][] = [
    [['93.184.216.34'], ['93.184.216.34']],
    [['10.0.0.1'], []],
    [['10.0.0.1', '93.184.216.34', '::1'], ['93.184.216.34']],
    [['::ffff:127.0.0.1'], []],
    [['not an address'], []],
  ];
  for (const [resolved, want] of rows) {
    const guard = createAddressGuard([], resolver(resolved));
    const found = await new Promise<readonly string[]>((resolve) => {
      guard.lookup('rebind.example.com', { all: true }, (error, addresses) => {
        assert.equal(error === null, want.length > 0);
        resolve([addresses].flat().map((entry) => (typeof entry === 'string' ? entry : entry.address)));
      });
    });
    assert.deepEqual(found, want);
  }
});
