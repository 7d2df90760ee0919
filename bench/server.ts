import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { HttpConnection, type Reply, requestBytes } from './http-connection.ts';
import { type ProcessFigures, processFigures } from './process-figures.ts';

/** Every request of the benchmark carries this key, as those of a real sender do. */
export const API_KEY = 'bench-key-bench-key';

const MAIN = fileURLToPath(new URL('../bin/lightwatch.js', import.meta.url));
/** A server that does not listen after this long never will. */
const START_PATIENCE_MS = 60_000;
const STOP_PATIENCE_MS = 60_000;
const START_LOOK_MS = 5;
/** How often to ask whether everything is loaded. */
const SETTLE_LOOK_MS = 20;
const SETTLE_PATIENCE_MS = 120_000;

/** What the benchmark reads of `/stats`. */
export interface Stats {
  readonly store: {
    readonly events: Readonly<Record<string, number>>;
    readonly pending: number;
  };
  readonly alert: {
    readonly ticks: number;
    readonly last_tick_ms: number;
    readonly rules: number;
    readonly failing: number;
  };
}

/** `lightwatch serve` in a process of its own. */
export class Server {
  readonly port: number;
  readonly pid: number;
  /** From the start of the process until it answered on its port. */
  readonly startMs: number;
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;

  private constructor(child: ChildProcess, ended: Promise<void>, port: number, startMs: number) {
    this.child = child;
    this.ended = ended;
    this.port = port;
    this.pid = child.pid ?? 0;
    this.startMs = startMs;
  }

  static async start(dataDir: string, node: string, settings: Readonly<Record<string, string>> = {}): Promise<Server> {
    const port = await freePort();
    const began = performance.now();
    const child = spawn(node, [MAIN, 'serve'], {
      // Nothing of the caller's environment: what it sets for its own server must not change the measurement.
      env: { DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'warn', API_KEY, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        output = (output + text.toString()).slice(-4000);
      });
    }
    let running = true;
    // Before the directory of its data is removed.
    const kill = () => child.kill('SIGKILL');
    process.prependOnceListener('exit', kill);
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => {
        running = false;
        process.off('exit', kill);
        resolve();
      });
    });
    while (!(await answers(port))) {
      const late = performance.now() - began > START_PATIENCE_MS;
      if (late) child.kill('SIGKILL');
      if (late || !running) throw new Error(`the server did not start:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, START_LOOK_MS));
    }
    return new Server(child, ended, port, performance.now() - began);
  }

  figures(): ProcessFigures {
    return processFigures(this.pid);
  }

  async stats(): Promise<Stats> {
    return (await this.get('/stats')) as Stats;
  }

  /** The JSON that a path answers; throws unless the answer is a 200. */
  async get(path: string): Promise<unknown> {
    const connection = await HttpConnection.open(this.port);
    const reply = await connection.request(...requestBytes('GET', path, API_KEY));
    connection.close();
    if (reply.status !== 200) throw new Error(`GET ${path} was answered ${reply.status} ${reply.body}`);
    return JSON.parse(reply.body.toString());
  }

  /** Resolves when the store reports nothing pending. */
  async settle(): Promise<void> {
    const began = performance.now();
    for (;;) {
      const { pending } = (await this.stats()).store;
      if (pending === 0) return;
      if (performance.now() - began > SETTLE_PATIENCE_MS) throw new Error(`${pending} events are still pending`);
      await new Promise((resolve) => setTimeout(resolve, SETTLE_LOOK_MS));
    }
  }

  /** Stops as an operator would, and makes sure of it. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_PATIENCE_MS);
    await this.ended;
    clearTimeout(timer);
  }
}

async function answers(port: number): Promise<boolean> {
  let connection: HttpConnection | undefined;
  try {
    connection = await HttpConnection.open(port);
    const reply: Reply = await connection.request(...requestBytes('GET', '/health', API_KEY));
    return reply.status === 200;
  } catch {
    return false;
  } finally {
    connection?.close();
  }
}

/** A port nobody listens on at this moment. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  if (address === null || typeof address === 'string') throw new Error('BUG: no TCP address');
  await new Promise((resolve) => probe.close(resolve));
  return address.port;
}
