import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { CommanderError } from 'commander';
import { LIMITS } from '../schemas/limits.ts';
import { banner } from '../src/command/banner.ts';
import { whatToTry } from '../src/command/demo.ts';
import { buildProgram, refuseUnknownCommand } from '../src/command/program.ts';
import { readConfig, SETTINGS } from '../src/config.ts';
import { ERROR_STATUSES } from '../src/errors.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCUMENTS = ['README.md', 'CHANGELOG.md', ...markdownIn('docs')];

function markdownIn(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.md'));
  return names.map((name) => `${folder}/${name}`);
}

/** A document; its tables as the formatter leaves them, without the spaces that align their columns. */
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8').replace(/ +\|/g, ' |');

/** The first cells of a document's table rows, where they are code: what the document claims to list. */
function listed(document: string): string[] {
  return Array.from(document.matchAll(/^\| `([^`]+)` \|/gm), ([, name = '']) => name);
}

test('docs/configuration.md has exactly the row of every setting', () => {
  const document = read('docs/configuration.md');
  for (const [name, { fallback, about }] of Object.entries(SETTINGS)) {
    const row = `| \`${name}\` |${fallback === '' ? '' : ` \`${fallback}\``} | ${about} |`;
    assert.ok(document.includes(`\n${row}\n`), `docs/configuration.md should have the row\n${row}`);
  }
  assert.deepEqual(listed(document).sort(), Object.keys(SETTINGS).sort());
});

test('docs/errors.md has every error code with its status', () => {
  const document = read('docs/errors.md');
  for (const [code, status] of Object.entries(ERROR_STATUSES)) {
    const row = `| \`${code}\` | ${status} |`;
    assert.ok(document.includes(`\n${row}`), `docs/errors.md should have a row that begins\n${row}`);
  }
  assert.deepEqual(listed(document).sort(), Object.keys(ERROR_STATUSES).sort());
});

test('docs/limits.md has every limit of the wire contract', () => {
  const document = read('docs/limits.md');
  for (const [name, limit] of Object.entries(LIMITS)) {
    const row = `| \`${name}\` | ${limit.toLocaleString('en')} |`;
    assert.ok(document.includes(`\n${row}`), `docs/limits.md should have a row that begins\n${row}`);
  }
});

test('every link of the documents leads to a file', () => {
  for (const document of DOCUMENTS) {
    for (const [, target = ''] of read(document).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)) {
      assert.ok(existsSync(join(ROOT, dirname(document), target)), `${document} links to ${target}`);
    }
  }
});

test('the README tells the two commands that do everything', () => {
  const readme = read('README.md');
  for (const command of ['npm ci && npm start', 'npm ci && npm test']) assert.ok(readme.includes(command), command);
});

test('the README links every document', () => {
  const readme = read('README.md');
  for (const name of DOCUMENTS.filter((path) => path.startsWith('docs/')))
    assert.ok(readme.includes(`](${name})`), name);
});

/** How the documents call the command: built in the clone, installed in a fixed place, or by its name in prose. */
const CALLS = ['node dist/bin/lightwatch.js', '/usr/bin/node /opt/lightwatch/dist/bin/lightwatch.js', 'lightwatch'];

/** The words of each command of a line of shell: quotes are taken away, variables and redirections are not followed. */
function commandsOf(line: string): string[][] {
  const commands: string[][] = [[]];
  for (const [token] of line.matchAll(/&&?|[|;<>]|(?:'[^']*'|"(?:[^"\\]|\\.)*"|[^\s'"|;<>&])+/g)) {
    if (/^(&&?|[|;<>])$/.test(token)) commands.push([]);
    else commands.at(-1)?.push(token.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"/g, '$1$2'));
  }
  return commands;
}

/** The arguments of each call of the command in a line; `VARIABLE=value` may stand before it. */
function callsIn(line: string): string[][] {
  return commandsOf(line.replace(/^ExecStart=/, '')).flatMap((words) => {
    const text = words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word)));
    const call = CALLS.map((name) => name.split(' ')).find((name) => name.every((word, index) => text[index] === word));
    return call === undefined ? [] : [text.slice(call.length)];
  });
}

/** Every line of a document that is to be run, and every call in its prose that leaves nothing open. */
function linesToRun(document: string): readonly string[] {
  const blocks = Array.from(document.matchAll(/^```(?:sh|ini)\n([\s\S]*?)^```/gm), ([, block = '']) => block);
  const prose = document.replace(/^```[\s\S]*?^```/gm, '');
  const spans = Array.from(prose.matchAll(/`([^`]+)`/g), ([, span = '']) => span);
  const whole = spans.filter((span) => CALLS.some((call) => span.startsWith(`${call} `)) && !/[<…]/.test(span));
  return [...blocks.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n')), ...whole];
}

/** Has the program's own parser read the arguments, and runs nothing. Rejects when it refuses them. */
async function parse(args: readonly string[]): Promise<void> {
  const program = buildProgram();
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeErr: () => {}, writeOut: () => {} }).action(() => {});
  }
  refuseUnknownCommand(program, args);
  await program.parseAsync(args, { from: 'user' }).catch((error: unknown) => {
    const asked = error instanceof CommanderError && error.exitCode === 0;
    if (!asked) throw error;
  });
}

test('a call that the command would refuse is found', async () => {
  for (const line of [
    'lightwatch agent --url http://127.0.0.1',
    'A=b lightwatch watch',
    'x | lightwatch send --kind log a b',
  ]) {
    const [args = []] = callsIn(line);
    assert.ok(args.length > 0, line);
    await assert.rejects(parse(args), line);
  }
  assert.deepEqual(callsIn(`jq -c '{a: .b}' | lightwatch send - --service a && echo lightwatch`), [
    ['send', '-', '--service', 'a'],
  ]);
  assert.deepEqual(linesToRun('a `lightwatch tail --json` b\n```sh\nx \\\n  y\n```\n').slice(0, 1), ['x    y']);
});

test('the command takes every call that the documents show', async () => {
  let calls = 0;
  for (const name of DOCUMENTS) {
    const document = read(name);
    assert.ok(!/npx lightwatch/.test(document), `${name}: npx would run whatever a registry has by that name`);
    for (const line of linesToRun(document)) {
      for (const args of callsIn(line)) {
        calls += 1;
        await parse(args).catch((error: unknown) => assert.fail(`${name}: ${line}\n${error}`));
      }
    }
  }
  assert.ok(calls > 10, `${calls} calls were found`);
});

test('what the demo proposes is taken as it is printed', async () => {
  for (const [env, ownFiles] of [
    [{}, false],
    [{ WEBHOOK_ALLOW: '127.0.0.1', API_KEY: 'a-long-random-word' }, true],
  ] as const) {
    const steps = whatToTry(readConfig(env), 'http://127.0.0.1:3000', ownFiles);
    const main = join('dist', 'bin', 'lightwatch.js');
    const calls = steps.split('\n').flatMap((line) => callsIn(line.slice(line.search(/curl|node|echo|LIGHTWATCH_/))));
    assert.ok(steps.includes(`node ${main} tail`), steps);
    assert.equal(calls.length, ownFiles ? 2 : 1, steps);
    for (const args of calls) await parse(args);
    const [, rule = ''] = / -d '([^']+)'/.exec(steps) ?? [];
    assert.equal(JSON.parse(rule).webhook !== undefined, ownFiles);
  }
});

test('the banner says where the page is, if there is one', () => {
  const printed = (env: Record<string, string>) =>
    stripVTControlCharacters(banner(readConfig(env), 'http://127.0.0.1:3000'));
  assert.match(printed({}), /page +http:\/\/127\.0\.0\.1:3000\/\n/);
  assert.doesNotMatch(printed({ ROLES: 'ingest,query' }), /page/);
});
