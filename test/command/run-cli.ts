import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../fixtures/wait.ts';

const MAIN = fileURLToPath(new URL('../../bin/lightwatch.js', import.meta.url));

/** A run of the command in a process of its own, killed after the test if it still runs. */
export class Run {
  out = '';
  err = '';
  readonly child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<unknown>;

  constructor(t: TestContext, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    // Nothing of the tester's own environment may change what is tested.
    const clean = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', TZ: 'UTC', ...env };
    this.child = spawn(process.execPath, ['--enable-source-maps', MAIN, ...args], { env: clean });
    this.child.stdout.on('data', (chunk) => {
      this.out += chunk;
    });
    this.child.stderr.on('data', (chunk) => {
      this.err += chunk;
    });
    this.#ended = once(this.child, 'close');
    t.after(() => this.child.kill('SIGKILL'));
  }

  /** Waits for the end; answers the exit code. */
  async end(): Promise<number | null> {
    await this.#ended;
    return this.child.exitCode;
  }

  /** Waits until stdout matches; answers the match. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    await eventually(
      () => pattern.test(this.out) || this.child.exitCode !== null,
      `${pattern} in\n${this.out}\n${this.err}`,
    );
    const match = pattern.exec(this.out);
    if (match === null) throw new Error(`ended without ${pattern}:\n${this.out}\n${this.err}`);
    return match;
  }
}

/** Runs the command to its end, with `input` on stdin. */
export async function run(
  t: TestContext,
  args: readonly string[],
  { env = {}, input = '' }: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const process = new Run(t, args, env);
  process.child.stdin.end(input);
  const code = await process.end();
  return { code, out: process.out, err: process.err };
}

/** A server on an empty data directory; answers its address. */
export async function serve(t: TestContext, env: Readonly<Record<string, string>>): Promise<{ run: Run; url: string }> {
  const server = new Run(t, ['serve'], { PORT: '0', ...env });
  const [, url = ''] = await server.prints(/listening +(http:\S+)/);
  return { run: server, url };
}
