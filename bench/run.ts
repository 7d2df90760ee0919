import { execFileSync } from 'node:child_process';
import { Command, InvalidArgumentError } from 'commander';
import picocolors from 'picocolors';
import { alert } from './alert.ts';
import { Bench, type Subject } from './bench.ts';
import { disk } from './disk.ts';
import { fanOut } from './fan-out.ts';
import { ingestBatch } from './ingest-batch.ts';
import { ingestSingle } from './ingest-single.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { mongo } from './mongo.ts';
import { page } from './page.ts';
import { query } from './query.ts';
import { queryAfterWrite } from './query-after-write.ts';
import { redis } from './redis.ts';
import { type Row, terminalTable } from './report.ts';
import { writeResults } from './results.ts';
import { start } from './start.ts';
import { week } from './week.ts';

/** In the order they run: the later ones look at what the earlier ones left. */
const SUBJECTS: Readonly<Record<string, Subject>> = {
  'ingest-single': ingestSingle,
  'ingest-batch': ingestBatch,
  query,
  'query-after-write': queryAfterWrite,
  'fan-out': fanOut,
  alert,
  latency,
  page,
  memory,
  disk,
  start,
  redis,
  mongo,
  week,
};
const QUICK_EVENTS = 20_000;
const WEEK_EVENTS = 10_000_000;
const QUICK_WEEK_EVENTS = 100_000;
const QUICK_SCALE = 0.1;

const names = (text: string) => {
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !(name in SUBJECTS));
  if (unknown.length > 0) throw new InvalidArgumentError(`Some of: ${Object.keys(SUBJECTS).join(', ')}.`);
  return wanted;
};
const count = (text: string) => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A whole number, 1 or more.');
  return Number(text);
};

const { only, quick, events, weekEvents, runs, node } = new Command('npm run bench --')
  .description('Measures Lightwatch on this machine, each figure beside its ceiling.')
  .option('--only <names>', `comma-separated, some of: ${Object.keys(SUBJECTS).join(', ')}`, names)
  .option('--quick', 'small and short, to try the benchmark itself; its figures mean nothing')
  .option('--events <n>', 'events of the corpus (default: 1,000,000)', count)
  .option('--week-events <n>', 'events of the week in `week` (default: 10,000,000)', count)
  .option('--runs <n>', 'times the batches are sent, each to an empty store (default: 3)', count)
  .option('--node <path>', 'the Node that runs the server and the ceilings', process.execPath)
  .parse()
  .opts<{ only?: string[]; quick?: true; events?: number; weekEvents?: number; runs?: number; node: string }>();

const nodeVersion = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
const bench = new Bench({
  events: events ?? (quick ? QUICK_EVENTS : 1_000_000),
  weekEvents: weekEvents ?? (quick ? QUICK_WEEK_EVENTS : WEEK_EVENTS),
  runs: runs ?? (quick ? 1 : 3),
  scale: quick ? QUICK_SCALE : 1,
  node,
  nodeMajor: Number(/^v(\d+)/.exec(nodeVersion)?.[1]),
});
// Processes and files are cleaned up by what listens to 'exit'.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const rows: Row[] = [];
for (const [name, subject] of Object.entries(SUBJECTS)) {
  if (only !== undefined && !only.includes(name)) continue;
  try {
    rows.push(...(await subject(bench)));
  } catch (error) {
    // One subject that fails must not hide what the others show; the run as a whole has failed all the same.
    process.exitCode = 1;
    process.stderr.write(`${picocolors.red(`${name} failed`)}: ${error instanceof Error ? error.stack : error}\n`);
    rows.push({ measure: name, shown: 'failed', goal: { shown: 'to run', met: false } });
  }
}
await bench.close();
process.stdout.write(`\nNode ${nodeVersion}\n${terminalTable(rows)}\n`);
if (only === undefined && !quick) {
  writeResults({ nodeVersion, events: bench.options.events, date: new Date() }, rows);
  process.stdout.write('\nwritten to bench/RESULTS.md\n');
}
// Connections of workers that failed may still be open.
process.exit();
