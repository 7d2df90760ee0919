import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import colors from 'picocolors';
import { type Config, readConfig } from '../config.ts';
import { startAgent } from './agent.ts';
import { startServer } from './serve.ts';
import { runUntilSignal } from './signals.ts';

interface DemoFlags {
  readonly file: readonly string[];
  /** Keep the data in DATA_DIR; else they are gone when the demo ends. */
  readonly keep: boolean;
}

/** Where Linux, macOS and the BSDs keep logs. */
const LOG_FILES = ['/var/log/*.log', '/var/log/*/*.log', '/var/log/syslog', '/var/log/messages', '/var/log/auth.log'];
const INTERVAL_MS = 5000;
const BUFFER_BYTES = 64 * 1024 * 1024;

/** `lightwatch demo`: the server, and an agent that reads this machine's own logs into it. */
export async function demo(flags: DemoFlags): Promise<void> {
  const scratch = flags.keep ? undefined : await mkdtemp(join(tmpdir(), 'lightwatch-demo-'));
  try {
    const settings = readConfig();
    const config = scratch === undefined ? settings : { ...settings, dataDir: scratch };
    await runUntilSignal(() => open(config, flags, scratch));
  } finally {
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
  }
}

async function open(config: Config, flags: DemoFlags, scratch: string | undefined): Promise<() => Promise<void>> {
  const app = await startServer(config);
  const server = app.address;
  const agent = await startAgent({
    server,
    ...(config.apiKey !== undefined && { apiKey: config.apiKey }),
    file: flags.file.length > 0 ? flags.file : LOG_FILES,
    interval: INTERVAL_MS,
    state: join(config.dataDir, 'agent'),
    buffer: BUFFER_BYTES,
    tag: {},
    fromStart: true,
    logLevel: 'warn',
  }).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  process.stdout.write(await whatToTry(server, config.apiKey !== undefined, scratch));
  return async () => {
    await agent.close();
    await app.close();
  };
}

async function whatToTry(server: string, keyed: boolean, scratch: string | undefined): Promise<string> {
  const key = keyed ? ' -H "x-api-key: $API_KEY"' : '';
  const service = await someService();
  const rule = `{"name":"errors","type":"log_count","service":"demo","condition":{"level":["error"],"threshold":1,"windowMinutes":5,"cooldownMinutes":5}}`;
  return [
    `${colors.bold('The agent reads this machine’s logs into it.')} Try, in another terminal:`,
    '',
    `  1  find their lines     curl -s${key} '${server}/api/logs?service=${service}&limit=5'`,
    `  2  watch new ones       npx lightwatch tail --server ${server}`,
    `  3  be told of errors    curl -s${key} -H 'content-type: application/json' '${server}/api/alerts' -d '${rule}'`,
    `                          npx lightwatch send --server ${server} --service demo --level error 'it broke'`,
    '',
    scratch === undefined ? '' : `${colors.dim('The data are gone when this ends; --keep keeps them in DATA_DIR.')}\n`,
    '',
  ].join('\n');
}

/** The name that lines of a log file of this machine will have. */
async function someService(): Promise<string> {
  const names = await readdir('/var/log').catch((): string[] => []);
  const usual = ['syslog', 'messages', 'dpkg.log', 'system.log'].find((name) => names.includes(name));
  const log = usual ?? names.find((name) => /^[\w-]+\.log$/.test(name)) ?? 'lightwatch';
  return log.replace(/\.log$/, '');
}
