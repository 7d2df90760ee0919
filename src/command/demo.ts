import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import colors from 'picocolors';
import { CLOSE_WITHIN_MS, endsWithin } from '../closers.ts';
import { type Config, readConfig } from '../config.ts';
import { systemClock } from '../core/clock.ts';
import { ROOT } from '../root.ts';
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
/** Put on all that the agent sends, so that it can be told from what others send. */
const TAG = { agent: 'demo' };
/** The service, and the log file, that the demo proposes to play with. */
const TRY_SERVICE = 'lightwatch-try';
/** Where the README has somebody listen for webhooks. */
const RECEIVER = 'http://127.0.0.1:9000/';
const MAIN = fileURLToPath(new URL('dist/bin/lightwatch.js', ROOT));
const INTERVAL_MS = 5000;
const BUFFER_BYTES = 64 * 1024 * 1024;

/** `lightwatch demo`: the server, and an agent that reads this machine's own logs into it. */
export async function demo(flags: DemoFlags): Promise<void> {
  const scratch = flags.keep ? undefined : await mkdtemp(join(tmpdir(), 'lightwatch-demo-'));
  try {
    // What it reads is this machine's own: it goes to no database that others share.
    const settings = { ...readConfig(), mongoUri: undefined };
    const config = scratch === undefined ? settings : { ...settings, dataDir: scratch };
    await runUntilSignal(() => open(config, flags, scratch));
  } finally {
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
  }
}

async function open(config: Config, flags: DemoFlags, scratch: string | undefined): Promise<() => Promise<boolean>> {
  const app = await startServer(config);
  const server = app.address;
  const agent = await startAgent({
    server,
    ...(config.apiKey !== undefined && { apiKey: config.apiKey }),
    file: flags.file.length > 0 ? flags.file : LOG_FILES,
    interval: INTERVAL_MS,
    state: join(config.dataDir, 'agent'),
    buffer: BUFFER_BYTES,
    tag: TAG,
    fromStart: true,
    logLevel: 'warn',
  }).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  process.stdout.write(
    [
      `${colors.bold('The agent reads this machine’s logs into it.')} Try, in another terminal:\n\n`,
      `${whatToTry(config, server, flags.file.length > 0)}\n`,
      scratch === undefined
        ? ''
        : `${colors.dim('The data are gone when this ends; --keep keeps them in DATA_DIR.')}\n\n`,
    ].join(''),
  );
  const closeBoth = async () => {
    await agent.close();
    await app.close();
  };
  return () => endsWithin(systemClock, CLOSE_WITHIN_MS, closeBoth());
}

/** What a person can do now, as commands that work as printed. `ownFiles`: not those of /var/log are followed. */
export function whatToTry(config: Config, server: string, ownFiles: boolean): string {
  const keyed = config.apiKey !== undefined;
  const curl = keyed ? 'curl -s -H "x-api-key: $API_KEY"' : 'curl -s';
  const lightwatch = `${keyed ? 'LIGHTWATCH_API_KEY=$API_KEY ' : ''}node ${relative(process.cwd(), MAIN)}`;
  const told = config.webhookAllow.includes('127.0.0.1');
  const rule = JSON.stringify({
    name: 'something failed here',
    type: 'log_count',
    service: TRY_SERVICE,
    ...(told && { webhook: RECEIVER }),
    condition: { level: ['error', 'fatal'], threshold: 1, windowMinutes: 5, cooldownMinutes: 5 },
  });
  const post = `${curl} '${server}/api/alerts' -H 'content-type: application/json'`;
  const line = 'ERROR the disk is nearly full';
  const write = ownFiles
    ? `${lightwatch} send --server ${server} --service ${TRY_SERVICE} --tag agent=${TAG.agent} --level error '${line}'`
    : `echo '${line}' | ${process.getuid?.() === 0 ? '' : 'sudo '}tee -a /var/log/${TRY_SERVICE}.log`;
  const steps: readonly (readonly [string, string])[] = [
    ['find its lines', `${curl} '${server}/api/logs?tags.agent=${TAG.agent}&limit=5'`],
    ['watch new ones', `${lightwatch} tail --server ${server} --tag agent=${TAG.agent}`],
    ['make a rule', `${post} -d '${rule}'`],
    ['break it', write],
    ['see what it did', `${curl} '${server}/api/alerts/${told ? 'deliveries' : 'incidents?status=open'}'`],
  ];
  return steps.map(([what, command], index) => `  ${index + 1}  ${what.padEnd(16)} ${command}\n`).join('');
}
