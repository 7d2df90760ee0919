import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../agent/temporary-folder.ts';
import { run, serve } from './run-cli.ts';

const line = (index: number) => JSON.stringify({ id: `${index}`, service: 'pay', message: `m${index}` });
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${line(from + index)}\n`).join('');

test('what was exported from one server is imported into another, once', async (t) => {
  const [one, other] = [await temporaryFolder(t), await temporaryFolder(t)];
  const from = await serve(t, { DATA_DIR: one, RATE_LIMIT_MAX: '0' });
  const to = await serve(t, { DATA_DIR: other, RATE_LIMIT_MAX: '0' });
  const events = Array.from({ length: 2500 }, (_, index) => ({
    service: 'shop',
    level: 'info',
    message: `order ${index}\nü🔥`,
    tags: { region: 'eu' },
    meta: { index },
    timestamp: new Date(Date.UTC(2026, 0, 15, 12) + index * 1000).toISOString(),
  }));
  const headers = { 'content-type': 'application/json' };
  await fetch(`${from.url}/ingest/logs`, { method: 'POST', headers, body: JSON.stringify(events) });
  const file = join(one, 'shop.ndjson');
  const exported = await run(t, ['export', '--server', from.url, '--service', 'shop', '--output', file]);
  assert.deepEqual([exported.code, exported.out], [0, ''], exported.err);
  assert.equal(exported.err, `wrote 2,500 events to ${file}\n`);
  await assert.rejects(stat(`${file}.part`));
  const imported = await run(t, ['import', '--server', to.url, file]);
  assert.deepEqual(imported, { code: 0, out: 'stored 2500\n', err: '' });
  assert.equal((await run(t, ['import', '--server', to.url, '-'], { input: await readFile(file, 'utf8') })).code, 0);
  const list = async (url: string) => {
    const { data, total } = (await (await fetch(`${url}/api/logs?service=shop&order=asc&limit=500`)).json()) as {
      data: Record<string, unknown>[];
      total: number;
    };
    return { total, data: data.map(({ id: _, received_at: __, ...rest }) => rest) };
  };
  assert.deepEqual(await list(to.url), await list(from.url));
  const csv = await run(t, ['export', '--server', from.url, '--format', 'csv', '--q', '"order 7"']);
  assert.equal(csv.code, 0);
  assert.match(csv.out, /^id,event_id,.*\r\n.*"order 7\nü🔥"/);
});

test('an export that breaks off goes on after the last whole line', async (t) => {
  const folder = await temporaryFolder(t);
  const asked: (string | null)[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    if (!url.pathname.endsWith('/export')) return response.end('{"data":[],"total":30}');
    const after = url.searchParams.get('after');
    asked.push(after);
    const first = after === null ? 0 : Number(after) + 1;
    if (first >= 20) return response.end(lines(first, 30));
    response.write(lines(first, first + 10) + line(first + 10).slice(0, 9));
    return setImmediate(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = join(folder, 'all.ndjson');
  const broken = await run(t, ['export', '--server', url, '--output', file]);
  assert.equal(broken.code, 0, broken.err);
  assert.equal(await readFile(file, 'utf8'), lines(0, 30));
  assert.deepEqual(asked, [null, '9', '19']);

  asked.length = 0;
  await writeFile(`${file}.part`, lines(0, 25) + line(25).slice(0, 5));
  const resumed = await run(t, ['export', '--server', url, '--output', file, '--resume']);
  assert.equal(resumed.code, 0, resumed.err);
  assert.equal(await readFile(file, 'utf8'), lines(0, 30));
  assert.deepEqual(asked, ['24']);
});

test('what cannot be exported or imported is told in a sentence', async (t) => {
  const folder = await temporaryFolder(t);
  const { url } = await serve(t, { DATA_DIR: folder });
  const wrong = await run(t, ['export', '--server', url, '--level', 'loud']);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /answers 400 level: must be one of debug/);
  const file = join(folder, 'bad.ndjson');
  await writeFile(
    file,
    `{"level":"info","service":"a","message":"good"}\nno json\n{"service":"a"}\n{"message":"no service"}\n`,
  );
  const bad = await run(t, ['import', '--server', url, file]);
  assert.deepEqual([bad.code, bad.out], [1, 'stored 1, refused 3\n']);
  assert.match(bad.err, /line 2: refused: it is no JSON object\nline 3: refused: it does not look like/);
  assert.match(bad.err, /line 4: refused: LW_INVALID_EVENT .*service: is required/);
  const absent = await run(t, ['import', '--server', url, join(folder, 'absent')]);
  assert.equal(absent.code, 1);
  assert.match(absent.err, /the file cannot be read: ENOENT/);
  const away = await run(t, ['import', '--server', 'http://127.0.0.1:1', file, '--skip', '0']);
  assert.equal(away.code, 1);
  assert.match(away.err, /cannot be reached.*; go on with --skip 0/);
});
