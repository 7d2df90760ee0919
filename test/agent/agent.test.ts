import assert from 'node:assert/strict';
import { appendFile, copyFile, readdir, readFile, rename, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Agent, type AgentOptions } from '../../src/agent/agent.ts';
import { Backoff } from '../../src/agent/backoff.ts';
import { systemClock } from '../../src/core/clock.ts';
import { eventually } from '../fixtures/wait.ts';
import { RecordingServer } from './recording-server.ts';
import { temporaryFolder } from './temporary-folder.ts';

const MIB = 1024 * 1024;

interface Setting {
  readonly server: RecordingServer;
  readonly folder: string;
  readonly state: string;
  /** What the agent said of itself. */
  readonly said: string[];
  /** Starts an agent on the folder's `*.log`; it is closed after the test. */
  start(options?: Partial<AgentOptions>): Promise<Agent>;
  write(name: string, text: string | Buffer): Promise<void>;
  path(name: string): string;
  /** Waits until exactly these messages have arrived, in this order. */
  arrives(messages: readonly string[]): Promise<void>;
}

async function setUp(t: TestContext): Promise<Setting> {
  const [server, folder, state] = [await RecordingServer.start(t), await temporaryFolder(t), await temporaryFolder(t)];
  const said: string[] = [];
  const say = (first: unknown, second?: unknown) => void said.push(String(second ?? first));
  const path = (name: string) => join(folder, name);
  return {
    server,
    folder,
    state,
    said,
    path,
    write: (name, text) => appendFile(path(name), text),
    async start(options = {}) {
      const agent = await Agent.start({
        server: server.url,
        apiKey: undefined,
        service: undefined,
        host: 'h1',
        tags: {},
        files: [path('*.log')],
        fromStart: false,
        intervalMs: 3_600_000,
        stateDir: state,
        bufferBytes: 64 * MIB,
        clock: systemClock,
        log: { debug: say, info: say, warn: say, error: say },
        measure: async () => [],
        pollMs: 2,
        rescanMs: 5,
        rotatedGraceMs: 50,
        backoff: new Backoff(2, 10),
        requestTimeoutMs: 2000,
        ...options,
      });
      t.after(() => agent.close());
      return agent;
    },
    async arrives(messages) {
      const have = () => JSON.stringify(server.messages()) === JSON.stringify(messages);
      await eventually(have, `${JSON.stringify(messages)}, not ${JSON.stringify(server.messages())}`).catch(
        () => undefined,
      );
      assert.deepEqual(server.messages(), messages);
    },
  };
}

const following = (agent: Agent, count: number) => eventually(() => agent.files.length === count, `${count} files`);

test('what a file held is passed over, what is written to it arrives, also in parts', async (t) => {
  const { start, write, arrives, server, path } = await setUp(t);
  await write('app.log', 'old\n');
  await following(await start({ tags: { region: 'eu' } }), 1);
  await write('app.log', 'one\ntw');
  await arrives(['one']);
  await write('app.log', 'o\n');
  await arrives(['one', 'two']);
  const event = [...server.events.values()].find(({ message }) => message === 'two');
  const { service, host, level, tags, meta, kind } = event ?? {};
  assert.deepEqual(
    { service, host, level, tags, meta, kind },
    {
      service: 'app',
      host: 'h1',
      level: 'info',
      tags: { region: 'eu' },
      meta: { file: path('app.log') },
      kind: 'log',
    },
  );
});

test('with fromStart all of a file is sent; files that appear later always are', async (t) => {
  const { start, write, arrives } = await setUp(t);
  await write('app.log', 'old\n');
  await following(await start({ fromStart: true }), 1);
  await arrives(['old']);
  await write('new.log', 'first\n');
  await arrives(['old', 'first']);
});

test('after a restart it goes on where it was, also in files that were rotated or appeared meanwhile', async (t) => {
  const { start, write, arrives, path } = await setUp(t);
  await write('app.log', 'old\n');
  const first = await start();
  await following(first, 1);
  await write('app.log', 'one\n');
  await arrives(['one']);
  await first.close();
  await write('app.log', 'two\n');
  const second = await start();
  await arrives(['one', 'two']);
  await second.close();
  await write('app.log', 'three\n');
  await rename(path('app.log'), path('app.log.1'));
  await write('app.log', 'four\n');
  await start();
  await eventuallyAll(arrives, ['one', 'two', 'three', 'four'], ['one', 'two', 'four', 'three']);
});

/** Lines of two files may come in either order. */
async function eventuallyAll(
  arrives: Setting['arrives'],
  one: readonly string[],
  other: readonly string[],
): Promise<void> {
  await Promise.any([arrives(one), arrives(other)]);
}

test('rotation by rename: the rest of the old file and all of the new one', async (t) => {
  const { start, write, arrives, path } = await setUp(t);
  await write('app.log', 'old\n');
  const agent = await start();
  await following(agent, 1);
  await write('app.log', 'one\n');
  await arrives(['one']);
  await rename(path('app.log'), path('app.log.1'));
  // The writer has not noticed yet.
  await appendFile(path('app.log.1'), 'two\nlast without newline');
  await arrives(['one', 'two', 'last without newline']);
  await write('app.log', 'three\n');
  await arrives(['one', 'two', 'last without newline', 'three']);
  await eventually(() => agent.files.length === 1, 'the old file to be let go');
});

test('rotation by truncation, also when the file has grown past the old place at once', async (t) => {
  const { start, write, arrives, path } = await setUp(t);
  await write('app.log', 'old\n');
  await following(await start(), 1);
  await write('app.log', 'one\n');
  await arrives(['one']);
  await copyFile(path('app.log'), path('app.log.1'));
  await truncate(path('app.log'));
  await write('app.log', 'two\n');
  await arrives(['one', 'two']);
  // The same offset and the same line as before: another event all the same.
  await writeFile(path('app.log'), 'new\ntwo\nand much more than before\n');
  await arrives(['one', 'two', 'new', 'two', 'and much more than before']);
});

test('a deleted file is read to its end and let go', async (t) => {
  const { start, write, arrives, path } = await setUp(t);
  await write('app.log', 'old\n');
  const agent = await start();
  await following(agent, 1);
  await write('app.log', 'one\n');
  await unlink(path('app.log'));
  await arrives(['one']);
  await following(agent, 0);
});

test('binary files, folders and what may not be read are passed over', async (t) => {
  const { start, write, arrives, said } = await setUp(t);
  await write('image.log', Buffer.from([1, 2, 0, 3, 10]));
  await write('packed.log', Buffer.from([0x1f, 0x8b, 8, 0]));
  await write('app.log', 'one\n');
  await following(await start({ fromStart: true }), 1);
  await arrives(['one']);
  assert.equal(said.filter((line) => /no text file/.test(line)).length, 2);
});

test('while the server is away events wait on disk; when it is back all arrive, once and in order', async (t) => {
  const { start, write, arrives, server, said } = await setUp(t);
  await write('app.log', 'old\n');
  const first = await start();
  await following(first, 1);
  await server.down();
  const lines = Array.from({ length: 2500 }, (_, index) => `line ${index}`);
  await write('app.log', `${lines.slice(0, 1500).join('\n')}\n`);
  await eventually(() => said.some((line) => /cannot be reached/.test(line)), 'a word on it');
  // A restart meanwhile loses nothing either.
  await first.close();
  await following(await start(), 1);
  await write('app.log', `${lines.slice(1500).join('\n')}\n`);
  await server.up();
  await arrives(lines);
});

test('a slow or busy server is waited for; an answer that got lost doubles nothing', async (t) => {
  const { start, write, arrives, server } = await setUp(t);
  await write('app.log', 'old\n');
  await following(await start(), 1);
  const busy = [429, 503, 500, 408, 401];
  server.answer = (events) => {
    const status = busy.shift();
    if (status === undefined) return undefined;
    // It was stored, and the answer says otherwise.
    for (const event of events) server.events.set(String(event.event_id), event);
    return { status, headers: { 'retry-after': '0' } };
  };
  await write('app.log', 'one\ntwo\n');
  await eventually(() => busy.length === 0, 'all answers');
  await write('app.log', 'three\n');
  await arrives(['one', 'two', 'three']);
});

test('refused events are dropped and told, the others are not held up', async (t) => {
  const { start, write, arrives, server, said } = await setUp(t);
  await write('app.log', 'old\n');
  await following(await start(), 1);
  server.answer = (events) => {
    const bad = events.findIndex(({ message }) => message === 'bad');
    if (bad === -1) return undefined;
    for (const [index, event] of events.entries()) if (index !== bad) server.events.set(String(event.event_id), event);
    const errors = [{ index: bad, code: 'LW_INVALID_EVENT', message: 'message: is bad' }];
    return { status: events.length === 1 ? 400 : 200, body: { accepted: events.length - 1, rejected: 1, errors } };
  };
  await write('app.log', 'one\nbad\ntwo\n');
  await arrives(['one', 'two']);
  await write('app.log', 'bad\n');
  await write('app.log', 'three\n');
  await arrives(['one', 'two', 'three']);
  assert.ok(said.some((line) => /LW_INVALID_EVENT message: is bad/.test(line)));
});

test('a batch that is too large is sent in parts', async (t) => {
  const { start, write, arrives, server, said } = await setUp(t);
  await write('app.log', 'old\n');
  await following(await start(), 1);
  server.answer = (events) =>
    events.length > 2 || events.some(({ message }) => message === 'huge') ? { status: 413 } : undefined;
  await write('app.log', 'one\ntwo\nhuge\nthree\nfour\n');
  await arrives(['one', 'two', 'three', 'four']);
  assert.ok(said.some((line) => /too large/.test(line)));
});

test('more lines than the buffer holds wait in their files, and none is lost', async (t) => {
  const { start, write, arrives, server, state } = await setUp(t);
  await write('app.log', 'old\n');
  await following(await start({ bufferBytes: MIB }), 1);
  await server.down();
  const lines = Array.from({ length: 9000 }, (_, index) => `line ${index} ${'x'.repeat(100)}`);
  await write('app.log', `${lines.join('\n')}\n`);
  await eventually(async () => (await bytesIn(join(state, 'buffer'))) > (MIB / 8) * 7, 'the buffer to fill');
  await server.up();
  await arrives(lines);
});

test('measurements that the buffer cannot hold go oldest first, are counted, and reported when the server is back', async (t) => {
  const { start, server, state } = await setUp(t);
  const measure = async () =>
    Array.from({ length: 900 }, (_, index) => ({ name: `m${index}`, value: index, unit: 'x'.repeat(60) }));
  await server.down();
  const agent = await start({ bufferBytes: MIB, intervalMs: 2, measure, files: [] });
  const dropped = async () =>
    Number(/\d+/.exec(await readFile(join(state, 'buffer/dropped.json'), 'utf8').catch(() => ''))?.[0]);
  await eventually(async () => (await dropped()) > 0, 'events to be dropped');
  assert.ok((await bytesIn(join(state, 'buffer'))) < 2 * MIB);
  await agent.close();
  const counted = await dropped();
  await server.up();
  await start({ bufferBytes: MIB, files: [] });
  await eventually(() => server.messages().length > 0, 'a report');
  const report = [...server.events.values()].find(({ kind }) => kind === 'log');
  assert.match(String(report?.message), /The agent dropped \d+ events/);
  const told = Number(report?.meta !== undefined && JSON.stringify(report.meta).replace(/\D/g, ''));
  // The second agent's own heartbeat may have cost another part.
  assert.ok(told >= counted && told < counted + 2000, `${told} of ${counted}`);
  await eventually(async () => (await dropped()) === 0, 'the count to begin anew');
});

async function bytesIn(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(
    async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0,
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test('measurements and a heartbeat are sent with the key, under the name that was given', async (t) => {
  const { start, server } = await setUp(t);
  const measure = async () => [{ name: 'disk_used_percent', value: 7.5, unit: 'percent', tags: { mount: '/' } }];
  await start({ measure, service: 'web', apiKey: 'a-key-of-mine', files: [] });
  const find = (name: string) =>
    [...server.events.values()].find((event) => event.name === name || event.kind === name);
  await eventually(() => find('disk_used_percent') !== undefined, 'a metric');
  const { event_id: _, timestamp: __, ...metric } = find('disk_used_percent') ?? {};
  const want = {
    kind: 'metric',
    service: 'web',
    host: 'h1',
    name: 'disk_used_percent',
    value: 7.5,
    unit: 'percent',
    metric_type: 'gauge',
  };
  assert.deepEqual(metric, { ...want, tags: { mount: '/' } });
  assert.equal(find('heartbeat')?.status, 'healthy');
  assert.deepEqual([...server.keys], ['a-key-of-mine']);
});

test('one state directory is for one agent', async (t) => {
  const { start } = await setUp(t);
  const stateDir = await temporaryFolder(t);
  // As another process that lives: the one that runs the tests.
  await writeFile(join(stateDir, 'agent.pid'), `${process.ppid}\n`);
  await assert.rejects(start({ stateDir }), /another agent \(process \d+\) uses/);
  await writeFile(join(stateDir, 'agent.pid'), '999999999\n');
  const agent = await start({ stateDir });
  await agent.close();
  await assert.rejects(readFile(join(stateDir, 'agent.pid')), /ENOENT/);
});
