import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { markdownTable, type Row } from './report.ts';

const PATH = fileURLToPath(new URL('../../bench/RESULTS.md', import.meta.url));
const PACKAGES = ['fastify', 'ws', '@duckdb/node-api'] as const;

const HEAD = `# Benchmark results

The last full run of \`npm run bench\` on each version of Node. The generators of load run beside the server on the same
cores. A ceiling is the same work stripped to one of its costs, measured in the same run; the ratio is Lightwatch over it.
`;

/** What a run was made with. */
interface RunInfo {
  readonly nodeVersion: string;
  readonly events: number;
  readonly date: Date;
}

/** Writes a run's section into bench/RESULTS.md in place of the last one of the same major version of Node. */
export function writeResults(info: RunInfo, rows: readonly Row[]): void {
  const major = /^v?(\d+)/.exec(info.nodeVersion)?.[1] ?? '';
  const kept = existsSync(PATH)
    ? readFileSync(PATH, 'utf8')
        .split(/^(?=## Node )/m)
        .slice(1)
    : [];
  const sections = kept.filter((section) => !section.startsWith(`## Node ${major}.`)).map((section) => section.trim());
  sections.push(section(info, rows));
  sections.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  writeFileSync(PATH, `${[HEAD.trim(), ...sections].join('\n\n')}\n`);
}

function section({ nodeVersion, events, date }: RunInfo, rows: readonly Row[]): string {
  const require = createRequire(import.meta.url);
  const versions = PACKAGES.map(
    (name) => `${name} ${(require(`${name}/package.json`) as { version: string }).version}`,
  );
  const machine = [
    `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${process.platform} ${process.arch}`,
  ];
  return [
    `## Node ${nodeVersion.replace(/^v/, '')}`,
    `${date.toISOString().slice(0, 10)} · ${machine.join(', ')} · ${versions.join(', ')} · ${events.toLocaleString('en')} events`,
    markdownTable(rows),
  ].join('\n\n');
}
