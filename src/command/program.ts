import { Command, Option } from 'commander';
import { readConfig } from '../config.ts';
import { VERSION } from '../version.ts';
import {
  durationWithin,
  finiteNumber,
  lineCount,
  serverUrl,
  serviceName,
  sizeAtLeast,
  storeAddress,
  tag,
} from './option-readers.ts';

// Each command's own code is loaded when it is asked for: `tail` needs no database, and a server starts without an agent.

const MIB = 1024 * 1024;
const DEFAULT_SERVER = 'http://127.0.0.1:3000';

const server = () =>
  new Option('--server <url>', 'where Lightwatch listens')
    .env('LIGHTWATCH_SERVER')
    .default(DEFAULT_SERVER)
    .argParser(serverUrl);
const apiKey = () =>
  new Option('--api-key <key>', 'better in the environment, where no process list shows it').env('LIGHTWATCH_API_KEY');
const tags = (about: string) => new Option('--tag <key=value>', about).argParser(tag).default({}, 'none');
const EXIT_CODES = `
Exit codes:
  0  it did what it was asked, or was ended by Ctrl-C
  1  it failed: something was refused, or could not be reached, opened or written
  2  the command line or the settings are wrong; nothing was begun`;

/** The command line: every command with its options, and what runs when it is asked for. */
export function buildProgram(): Command {
  const program = new Command('lightwatch')
    .description('Logs, metrics, security events, heartbeats and alerts of a small team, in one process')
    .version(VERSION, '-v, --version')
    .showHelpAfterError('(--help shows what there is)')
    .showSuggestionAfterError()
    .exitOverride();
  addServe(program);
  addAgent(program);
  addTail(program);
  addSend(program);
  addExport(program);
  addImport(program);
  addConfig(program);
  addCopy(program);
  addDemo(program);
  program.addHelpText(
    'after',
    `
Examples:
  lightwatch                                      serve on http://127.0.0.1:3000, data in ./data
  lightwatch demo                                 serve, and read this machine's own logs into it
  lightwatch agent --file '/var/log/*.log'        send this host and its logs to a server
  lightwatch tail --min-level warn                watch warnings and errors arrive
  lightwatch send --service shop 'it works'       send one line
${EXIT_CODES}`,
  );
  return program;
}

function addServe(program: Command): void {
  program
    .command('serve', { isDefault: true })
    .description('run the server (this is what plain `lightwatch` does)')
    .addHelpText(
      'after',
      `\nSettings are environment variables; \`lightwatch config\` lists them.\n\nExamples:\n  lightwatch serve\n  PORT=8080 DATA_DIR=/var/lib/lightwatch lightwatch serve\n  HOST=0.0.0.0 API_KEY=choose-a-long-one lightwatch serve\n${EXIT_CODES}`,
    )
    .action(async () => {
      const config = readConfig();
      const { serve } = await import('./serve.ts');
      await serve(config);
    });
}

function addAgent(program: Command): void {
  program
    .command('agent')
    .description('send the CPU, memory, disk, network and load of this host, and the lines of its log files')
    .addOption(server())
    .addOption(apiKey())
    .option(
      '--file <path...>',
      "files to follow; quote a pattern ('/var/log/*.log') so that new files are found too",
      [],
    )
    .option('--from-start', 'also send what the files already hold when they are first seen', false)
    .addOption(
      new Option(
        '--service <name>',
        'name of everything sent; else lines are named after their file, the rest host:<hostname>',
      ).argParser(serviceName),
    )
    .option('--host <name>', 'name of this host, if not its own')
    .addOption(tags('put on everything sent; repeatable'))
    .addOption(
      new Option('--interval <duration>', 'time between two measurements')
        .argParser(durationWithin('1s', '1h'))
        .default(15_000, '15s'),
    )
    .option(
      '--state <directory>',
      'where it remembers how far it has read, and keeps what it cannot send',
      './data/agent',
    )
    .addOption(
      new Option('--buffer <size>', 'how much it keeps on disk while the server is away')
        .argParser(sizeAtLeast(4 * MIB))
        .default(64 * MIB, '64MiB'),
    )
    .addOption(
      new Option('--log-level <level>', 'of what it says about itself')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .addHelpText(
      'after',
      `\nExamples:\n  lightwatch agent\n  lightwatch agent --server https://watch.example.com --file '/var/log/*.log' /srv/app/log.json\n  lightwatch agent --file /var/log/nginx/access.log --service nginx --tag region=eu\n${EXIT_CODES}`,
    )
    .action(async (flags) => {
      const { runAgent } = await import('./agent.ts');
      await runAgent(flags);
    });
}

function addTail(program: Command): void {
  program
    .command('tail')
    .description('watch logs as they arrive')
    .addOption(server())
    .addOption(apiKey())
    .option('--service <name>', 'of this service only')
    .option('--level <levels>', 'of these levels only, separated by commas: debug, info, warn, error, fatal')
    .option('--min-level <level>', 'of this level or a worse one')
    .option('--host <name>', 'from this host only')
    .option('--q <text>', 'with these words; "a phrase"; -not')
    .option('--regex <expression>', 'whose message matches it (RE2)')
    .option('--trace-id <id>', 'of this trace only')
    .addOption(tags('with this tag; repeatable'))
    .option('--since <moment>', 'first show what came before: the last 10m, or all after an event’s id')
    .option('--json', 'one JSON object a line, as the server sends it', false)
    .addHelpText(
      'after',
      `\nColours are off where NO_COLOR is set or output is no terminal.\n\nExamples:\n  lightwatch tail --service shop --min-level warn\n  lightwatch tail --since 10m --q 'timeout -health'\n  lightwatch tail --json | jq .message\n${EXIT_CODES}`,
    )
    .action(async (flags) => {
      const { tail } = await import('./tail.ts');
      await tail(flags);
    });
}

function addSend(program: Command): void {
  program
    .command('send')
    .description('send one event, or events from stdin')
    .argument(
      '[message]',
      'message of a log, description of a security event; - reads events from stdin, one JSON object a line',
    )
    .addOption(server())
    .addOption(apiKey())
    .addOption(
      new Option('--kind <kind>', 'of the event; a line from stdin may name its own')
        .choices(['log', 'metric', 'security', 'heartbeat'])
        .default('log'),
    )
    .addOption(new Option('--service <name>', 'who speaks').argParser(serviceName))
    .option('--level <level>', 'log: debug, info, warn, error or fatal (info)')
    .option('--name <name>', 'metric: its name')
    .addOption(new Option('--value <number>', 'metric: its value').argParser(finiteNumber))
    .option('--unit <unit>', 'metric: its unit')
    .option('--type <type>', 'security: brute_force, port_scan, auth_failure, …')
    .option('--severity <severity>', 'security: low, medium, high or critical')
    .option('--source-ip <address>', 'security: where it came from')
    .option('--status <status>', 'heartbeat: healthy, degraded or unhealthy (healthy)')
    .option('--host <name>', 'where it happened')
    .option('--trace-id <id>', 'the trace it belongs to')
    .option('--timestamp <moment>', 'when it happened, RFC 3339 (now)')
    .addOption(tags('repeatable'))
    .addHelpText(
      'after',
      `\nExamples:\n  lightwatch send --service shop --level error 'order 7 failed'\n  lightwatch send --kind metric --service shop --name queue_depth --value 12\n  lightwatch send --kind heartbeat --service backup\n  lightwatch send - < events.ndjson\n  journalctl -o json -n 100 | jq -c '{message: .MESSAGE}' | lightwatch send - --service journal --level info\n${EXIT_CODES}`,
    )
    .action(async (message: string | undefined, flags) => {
      const [{ send }, { eventFields }] = await Promise.all([import('./send.ts'), import('./event-fields.ts')]);
      const stdin = message === '-' || (message === undefined && flags.kind === 'log' && !process.stdin.isTTY);
      const fields = eventFields(stdin ? undefined : message, flags, stdin);
      await send({ ...flags, fields, stdin });
    });
}

function addExport(program: Command): void {
  program
    .command('export')
    .description('write events to a file, or to stdout')
    .addOption(server())
    .addOption(apiKey())
    .addOption(new Option('--kind <kind>', 'of the events').choices(['logs', 'metrics', 'security']).default('logs'))
    .addOption(new Option('--format <format>', 'of the file').choices(['ndjson', 'csv', 'parquet']).default('ndjson'))
    .option('--output <file>', 'write here; it has its name once it is whole')
    .option('--resume', 'go on with the file of an export that was broken off', false)
    .option('--from <moment>', 'from then on, RFC 3339 or such as now-7d')
    .option('--to <moment>', 'up to then')
    .option('--service <name>', 'of this service only')
    .option('--level <levels>', 'logs: of these levels only, separated by commas')
    .option('--min-level <level>', 'logs: of this level or a worse one')
    .option('--name <name>', 'metrics: of this name only')
    .option('--host <name>', 'from this host only')
    .option('--q <text>', 'logs: with these words; "a phrase"; -not')
    .option('--regex <expression>', 'logs: whose message matches it (RE2)')
    .option('--trace-id <id>', 'of this trace only')
    .addOption(tags('with this tag; repeatable'))
    .addHelpText(
      'after',
      `\nExamples:\n  lightwatch export --from now-1d --output logs.ndjson\n  lightwatch export --resume --from now-1d --output logs.ndjson\n  lightwatch export --kind metrics --format parquet --output metrics.parquet\n  lightwatch export --service shop --format csv > shop.csv\n${EXIT_CODES}`,
    )
    .action(async (flags) => {
      const { exportEvents } = await import('./export.ts');
      await exportEvents(flags);
    });
}

function addImport(program: Command): void {
  program
    .command('import')
    .description('send the events of an export (NDJSON) to a server')
    .argument('<file>', 'the file; - reads stdin')
    .addOption(server())
    .addOption(apiKey())
    .addOption(
      new Option('--kind <kind>', 'of the events, if their fields do not tell').choices([
        'log',
        'metric',
        'security',
        'heartbeat',
        'span',
      ]),
    )
    .addOption(new Option('--skip <lines>', 'go on after so many lines').argParser(lineCount).default(0))
    .addHelpText(
      'after',
      `\nAn event that the server has seen within its DEDUP_WINDOW is not stored twice.\n\nExamples:\n  lightwatch import logs.ndjson\n  lightwatch import --server https://watch.example.com - < logs.ndjson\n${EXIT_CODES}`,
    )
    .action(async (file: string, flags) => {
      const { importEvents } = await import('./import.ts');
      await importEvents(file, flags);
    });
}

function addConfig(program: Command): void {
  program
    .command('config')
    .description('show the settings in force and where they come from, secrets masked')
    .option('--json', 'as JSON', false)
    .addHelpText(
      'after',
      `\nExamples:\n  lightwatch config\n  RETENTION_LOGS=7d lightwatch config --json\n${EXIT_CODES}`,
    )
    .action(async (flags) => {
      const { showConfig } = await import('./config.ts');
      showConfig(flags);
    });
}

function addCopy(program: Command): void {
  const address = (flag: string, about: string, variable: string) =>
    new Option(`${flag} <store>`, about).env(variable).argParser(storeAddress).makeOptionMandatory();
  program
    .command('copy')
    .description('copy all events and documents of a store into another, and count both')
    .addOption(address('--from', 'a DATA_DIR, or a URI of MongoDB', 'LIGHTWATCH_COPY_FROM'))
    .addOption(address('--to', 'likewise; what it holds already stays', 'LIGHTWATCH_COPY_TO'))
    .addHelpText(
      'after',
      `\nStop the servers that use them first. It may be interrupted and run again.\n\nExamples:\n  lightwatch copy --from ./data --to mongodb://db/lightwatch\n  LIGHTWATCH_COPY_FROM=mongodb://ann:secret@db/lightwatch lightwatch copy --to ./data\n${EXIT_CODES}`,
    )
    .action(async (flags) => {
      const { copy } = await import('./copy.ts');
      await copy(flags);
    });
}

function addDemo(program: Command): void {
  program
    .command('demo')
    .description('serve, and read the log files of this machine into it')
    .option('--file <path...>', 'these files instead of those in /var/log', [])
    .option('--keep', 'keep the data in DATA_DIR; else they are gone when it ends', false)
    .addHelpText(
      'after',
      `\nExamples:\n  lightwatch demo\n  PORT=8080 lightwatch demo --file './logs/*.log'\n${EXIT_CODES}`,
    )
    .action(async (flags) => {
      readConfig();
      const { demo } = await import('./demo.ts');
      await demo(flags);
    });
}

/** A word that is no command would be taken for an argument of `serve`. */
export function refuseUnknownCommand(program: Command, args: readonly string[]): void {
  const [word = '-'] = args;
  const known = [...program.commands.map((command) => command.name()), 'help'];
  if (!word.startsWith('-') && !known.includes(word))
    program.error(`error: unknown command '${word}': there are ${known.join(', ')}`);
}
