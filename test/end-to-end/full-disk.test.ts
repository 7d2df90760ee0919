import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ServerProcess, startServerProcess } from '../fixtures/server-process.ts';
import { smallDisk } from '../fixtures/small-disk.ts';
import { eventually } from '../fixtures/wait.ts';

const DISK_BYTES = 48 * 1024 * 1024;
const BALLAST_MIB = 24;
const BATCH = 2_000;

test('a full disk: writes are refused, reads go on, and it recovers by itself', { timeout: 120_000 }, async (t) => {
  const servers: ServerProcess[] = [];
  const disk = await smallDisk(t, DISK_BYTES, () => Promise.all(servers.map((server) => server.kill())));
  if (disk === undefined) return t.skip('only root may mount a small file system');
  const ballast = join(disk, 'ballast');
  await writeFile(ballast, Buffer.alloc(BALLAST_MIB * 1024 * 1024));
  const server = await startServerProcess({ DATA_DIR: join(disk, 'data') });
  servers.push(server);
  let sent = 0;
  let acknowledged = 0;
  const send = async () => {
    const lines = Array.from({ length: BATCH }, () => {
      const noise = Array.from({ length: 8 }, () => Math.random().toString(36).slice(2)).join(' ');
      return JSON.stringify({ service: 'disk', level: 'info', message: `event ${sent++} ${noise}` });
    });
    const headers = { 'content-type': 'application/x-ndjson' };
    const response = await fetch(`${server.url}/ingest/logs`, { method: 'POST', headers, body: lines.join('\n') });
    if (response.status === 200) acknowledged += BATCH;
    return response;
  };
  const total = async () => {
    const response = await fetch(`${server.url}/api/logs?service=disk&limit=1&order=asc`);
    assert.equal(response.status, 200, await response.clone().text());
    return ((await response.json()) as { total: number }).total;
  };

  let refused = await send();
  while (refused.status === 200) refused = await send();
  assert.equal(refused.status, 507);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.equal(((await refused.json()) as { error: { code: string } }).error.code, 'LW_DISK_FULL');
  assert.ok(acknowledged > 0);
  assert.equal(await total(), acknowledged);

  await rm(ballast);
  await eventually(async () => (await send()).status === 200, 'a write to be taken again');
  assert.equal(await total(), acknowledged);
  assert.equal((await fetch(`${server.url}/health`)).status, 200);
  await eventually(async () => (await fetch(`${server.url}/ready`)).status === 200, 'to be ready again');
  assert.equal(await server.stop(), 0);

  const again = await startServerProcess({ DATA_DIR: join(disk, 'data') });
  servers.push(again);
  const response = await fetch(`${again.url}/api/logs?service=disk&limit=1&order=asc`);
  assert.equal(((await response.json()) as { total: number }).total, acknowledged);
});

test('a second process on the same data is refused and told who has it', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'lightwatch-lock-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const first = await startServerProcess({ DATA_DIR: dataDir });
  t.after(() => first.kill());
  await assert.rejects(
    startServerProcess({ DATA_DIR: dataDir }),
    /ended with 1: .*another process \(pid \d+\) is using the data directory/s,
  );
  assert.equal((await fetch(`${first.url}/ready`)).status, 200);
});
