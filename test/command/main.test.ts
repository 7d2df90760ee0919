import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { VERSION } from '../../src/version.ts';
import { temporaryFolder } from '../agent/temporary-folder.ts';
import { eventually } from '../fixtures/wait.ts';
import { Run, run, serve } from './run-cli.ts';

test('every command explains itself, with examples and exit codes', async (t) => {
  const all = await run(t, ['--help']);
  assert.equal(all.code, 0);
  for (const command of ['serve', 'agent', 'tail', 'send', 'export', 'import', 'config', 'demo']) {
    assert.match(all.out, new RegExp(`^  ${command} `, 'm'));
    const { code, out } = await run(t, [command, '--help']);
    assert.equal(code, 0, command);
    assert.match(out, /Examples:\n {2}\S/, command);
    assert.match(out, /Exit codes:/, command);
  }
  assert.deepEqual(await run(t, ['--version']), { code: 0, out: `${VERSION}\n`, err: '' });
});

test('what is wrong on the command line is named, and nothing is begun', async (t) => {
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [['sevre'], /unknown command 'sevre'.*serve, agent/],
    [['tail', '--servce', 'x'], /unknown option '--servce'[\s\S]*--service/],
    [['agent', '--server', 'ftp://x'], /http or https URL/],
    [['agent', '--interval', '0s'], /duration from 1s to 1h/],
    [['agent', '--tag', 'novalue'], /key=value/],
    [['agent', '--buffer', 'lots'], /size of at least/],
    [['send', '--kind', 'metric', '--service', 's'], /needs --name, --value/],
    [['export', '--format', 'xml'], /Allowed choices are ndjson/],
    [['export', '--resume'], /--resume needs --output/],
    [['import'], /missing required argument 'file'/],
    [['import', 'x', '--skip', '-1'], /whole number/],
    [['send', '--kind', 'rumour'], /Allowed choices are log, metric/],
    [['send', '--kind', 'metric', '--value', 'NaN'], /must be a number/],
  ];
  for (const [args, want] of rows) {
    const { code, err, out } = await run(t, args);
    assert.equal(code, 2, args.join(' '));
    assert.match(err, want);
    assert.doesNotMatch(err, /\n\s+at /, 'no stack');
    assert.equal(out, '');
  }
});

test('all faults in the settings are listed at once, without a stack', async (t) => {
  const env = { PORT: '99999', API_KEY: 'short', RETENTION_LOGS: 'long' };
  for (const command of ['serve', 'demo', 'config']) {
    const { code, err } = await run(t, [command], { env });
    assert.equal(code, 2, command);
    for (const name of Object.keys(env)) assert.match(err, new RegExp(`^  ${name} must`, 'm'), command);
    assert.doesNotMatch(err, /\n\s+at /);
    assert.doesNotMatch(err, /short/);
  }
});

test('config shows what is in force and masks secrets', async (t) => {
  const env = { API_KEY: 'a-secret-of-mine', PORT: '8123' };
  const table = await run(t, ['config'], { env });
  assert.equal(table.code, 0);
  assert.match(table.out, /^PORT +8123 +environment /m);
  assert.match(table.out, /^RETENTION_LOGS +30d +default /m);
  const json = await run(t, ['config', '--json'], { env });
  const settings: readonly { name: string; value: string; source: string }[] = JSON.parse(json.out);
  const key = settings.find(({ name }) => name === 'API_KEY');
  assert.equal(key?.source, 'environment');
  assert.doesNotMatch(table.out + json.out, /a-secret-of-mine/);
});

test('serve tells where it is, its first curl works, it reports itself, and a signal ends it cleanly', async (t) => {
  const data = await temporaryFolder(t);
  const server = await serve(t, { DATA_DIR: data });
  const [, url = ''] = await server.run.prints(/try +curl -s '([^']+)'/);
  const { data: logs }: { data: readonly { message: string }[] } = JSON.parse(await (await fetch(url)).text());
  assert.equal(logs[0]?.message, `Lightwatch ${VERSION} started`);
  assert.match(server.run.out, new RegExp(`data +${data}`));
  assert.match(server.run.out, /roles +ingest, query/);
  assert.match(server.run.out, /access +open, from this machine only/);

  await t.test('a second one on the same data, or the same port, is refused in a sentence', async (t) => {
    const same = await run(t, ['serve'], { env: { PORT: '0', DATA_DIR: data } });
    assert.equal(same.code, 1);
    assert.match(same.err, /^lightwatch: cannot start: another process .* DATA_DIR/m);
    const port = await run(t, ['serve'], { env: { PORT: new URL(url).port, DATA_DIR: await temporaryFolder(t) } });
    assert.equal(port.code, 1);
    assert.match(port.err, /^lightwatch: cannot start: port \d+ of 127.0.0.1 is in use: .* set PORT/m);
    assert.doesNotMatch(same.err + port.err, /\n\s+at /);
  });

  server.run.child.kill('SIGTERM');
  assert.equal(await server.run.end(), 0);
});

test('a data directory that cannot be used is named', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'file'), '');
  const taken = await run(t, ['serve'], { env: { PORT: '0', DATA_DIR: join(folder, 'file') } });
  assert.equal(taken.code, 1);
  assert.match(taken.err, /cannot start: the data directory/);
  await mkdir(join(folder, 'locked'));
  await chmod(join(folder, 'locked'), 0o500);
  // The superuser may write anywhere.
  if (process.getuid?.() === 0) return;
  const locked = await run(t, ['serve'], { env: { PORT: '0', DATA_DIR: join(folder, 'locked') } });
  assert.equal(locked.code, 1);
  assert.match(locked.err, /cannot start: the data directory .* cannot be written/);
});

test('send and tail: what is sent is seen, refused lines are named, filters hold, text is inert', async (t) => {
  const { url } = await serve(t, { DATA_DIR: await temporaryFolder(t), API_KEY: 'a-secret-of-mine' });
  const env = { LIGHTWATCH_SERVER: url, LIGHTWATCH_API_KEY: 'a-secret-of-mine' };
  assert.deepEqual(await run(t, ['send', '--service', 'shop', 'before'], { env }), {
    code: 0,
    out: 'stored 1\n',
    err: '',
  });

  const tail = new Run(t, ['tail', '--service', 'shop', '--since', '10m'], env);
  await tail.prints(/^\d\d:\d\d:\d\d\.\d{3} info {2}shop +before$/m);
  const json = new Run(t, ['tail', '--json', '--min-level', 'error'], env);
  await eventuallyConnected(tail);
  await eventuallyConnected(json);

  const lines = [
    { message: 'evil \u001b]0;title\u0007 \u202e right\rover\nsecond', level: 'warn' },
    { message: 'no level of ours', level: 'loud' },
    { message: 'the last', level: 'error' },
    { service: 'other', message: 'not asked for', level: 'fatal' },
  ];
  const input = `${lines.map((line) => JSON.stringify(line)).join('\n')}\nnot json\n`;
  const sent = await run(t, ['send', '-', '--service', 'shop'], { env, input });
  assert.equal(sent.code, 1);
  assert.equal(sent.out, 'stored 3, refused 2\n');
  assert.match(sent.err, /^line 2: refused: LW_INVALID_EVENT level/m);
  assert.match(sent.err, /^line 5: refused: it is no JSON object/m);

  await tail.prints(/error shop +the last\n/);
  assert.ok(tail.out.includes('evil \\x1b]0;title\\x07 \\u202e right\\x0dover\n             │ second\n'), tail.out);
  assert.doesNotMatch(tail.out, /not asked for/);
  await json.prints(/not asked for.*\n/);
  assert.deepEqual(
    json.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).service),
    ['shop', 'other'],
  );

  const wrong = await run(t, ['send', '--service', 's', 'm', '--api-key', 'not-the-right-one'], { env });
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /401/);
  const wrongTail = await run(t, ['tail', '--api-key', 'not-the-right-one'], { env });
  assert.equal(wrongTail.code, 1);
  assert.match(wrongTail.err, /refuses the tail: 401/);

  tail.child.kill('SIGINT');
  assert.equal(await tail.end(), 0);
});

function eventuallyConnected(tail: Run): Promise<void> {
  return eventually(() => tail.err.includes('connected to'), 'a connection');
}

test('send says when there is no server', async (t) => {
  const { code, err } = await run(t, ['send', '--server', 'http://127.0.0.1:9', '--service', 's', 'm']);
  assert.equal(code, 1);
  assert.match(err, /cannot be reached/);
});

test('tail outlives the server and goes on without a hole', async (t) => {
  const data = await temporaryFolder(t);
  const first = await serve(t, { DATA_DIR: data });
  const { port } = new URL(first.url);
  const tail = new Run(t, ['tail', '--server', first.url, '--service', 'shop']);
  await eventuallyConnected(tail);
  await run(t, ['send', '--server', first.url, '--service', 'shop', 'one']);
  await tail.prints(/ one\n/);
  first.run.child.kill('SIGTERM');
  await first.run.end();
  const second = await serve(t, { DATA_DIR: data, PORT: port });
  await run(t, ['send', '--server', second.url, '--service', 'shop', 'two']);
  await tail.prints(/ two\n/);
  assert.equal(tail.out.match(/ one\n/g)?.length, 1);
});

test('the demo reads log files and prints what to try; its data are gone when it ends', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'shop.log'), '2026-01-15T10:30:00Z ERROR it broke\n');
  const demo = new Run(t, ['demo', '--file', join(folder, '*.log')], { PORT: '0', DATA_DIR: join(folder, 'data') });
  const [, url = ''] = await demo.prints(/listening +(http:\S+)/);
  await demo.prints(/make a rule/);
  const find = async () => await (await fetch(`${url}/api/logs?service=shop&level=error`)).text();
  await eventually(async () => /it broke/.test(await find()), 'the line of the file');
  // As npm does: one Ctrl-C arrives twice.
  demo.child.kill('SIGINT');
  demo.child.kill('SIGINT');
  assert.equal(await demo.end(), 0);
});
