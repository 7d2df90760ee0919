import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '../agent/backoff.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { getJson, getStream } from './get.ts';
import { lastLine } from './last-line.ts';
import { LineCounter } from './line-counter.ts';
import { Progress } from './progress.ts';
import { type FilterFlags, filterOf } from './query-filter.ts';

interface ExportFlags extends FilterFlags {
  readonly server: string;
  readonly apiKey?: string;
  readonly kind: 'logs' | 'metrics' | 'security';
  readonly format: 'ndjson' | 'csv' | 'parquet';
  readonly from?: string;
  readonly to?: string;
  readonly name?: string;
  readonly output?: string;
  readonly resume: boolean;
}

/** Times a stream that broke off is gone on with before nothing came of it. */
const MAX_TRIES = 8;

/**
 * `lightwatch export`: events into a file, or to stdout. Lines that broke off are gone on with after the last whole one;
 * other formats have to be begun anew. A file has its name only once it is whole: until then `.part` is behind it.
 */
export async function exportEvents(flags: ExportFlags): Promise<void> {
  const { output, resume, format } = flags;
  if (resume && (output === undefined || format !== 'ndjson'))
    throw new CommandFailure('--resume needs --output, and --format ndjson', EXIT.usage);
  const part = output === undefined ? undefined : `${output}.part`;
  const last = part === undefined || !resume ? undefined : await lastLine(part);
  const headers: Record<string, string> = flags.apiKey === undefined ? {} : { 'x-api-key': flags.apiKey };
  const filter = { ...filterOf(flags), ...given({ from: flags.from, to: flags.to, name: flags.name }) };
  const { total } = await getJson(
    `${flags.server}/api/${flags.kind}?${new URLSearchParams({ ...filter, limit: '1' })}`,
    headers,
  );
  // Whoever reads our output has seen enough.
  if (part === undefined) process.stdout.on('error', () => process.exit(EXIT.ok));
  const target = part === undefined ? process.stdout : await openPart(part, last?.end ?? 0);
  const lines = new LineCounter(last?.lines ?? 0, last?.id);
  const progress = new Progress('exported', typeof total === 'number' ? total : undefined);
  try {
    await pull(flags, headers, filter, target, lines, progress);
  } finally {
    progress.end();
  }
  if (part === undefined || output === undefined) return;
  target.end();
  await finished(target);
  await rename(part, output);
  const what = format === 'ndjson' ? `${lines.count.toLocaleString('en')} events` : format;
  process.stderr.write(`wrote ${what} to ${output}\n`);
}

async function openPart(part: string, end: number): Promise<Writable> {
  if (end === 0) await rm(part, { force: true });
  else {
    const file = await open(part, 'r+');
    await file.truncate(end);
    await file.close();
  }
  const stream = createWriteStream(part, { flags: 'a' });
  await once(stream, 'open').catch((cause: unknown) => {
    throw new CommandFailure(`${part} cannot be written`, undefined, { cause });
  });
  return stream;
}

/** Asks until the stream has come to its end, each time after the last whole line. */
async function pull(
  { server, kind, format }: ExportFlags,
  headers: Readonly<Record<string, string>>,
  filter: Readonly<Record<string, string>>,
  target: Writable,
  lines: LineCounter,
  progress: Progress,
): Promise<void> {
  const backoff = new Backoff();
  for (let tries = 1; ; tries++) {
    const query = new URLSearchParams({ ...filter, format, ...given({ after: lines.lastId }) });
    const before = lines.count;
    try {
      const response = await getStream(`${server}/api/${kind}/export?${query}`, headers);
      for await (const chunk of response.body ?? []) {
        const whole = format === 'ndjson' ? lines.take(chunk) : chunk;
        if (whole.length > 0 && !target.write(whole)) await once(target, 'drain');
        progress.show(lines.count);
      }
      return;
    } catch (cause) {
      if (cause instanceof CommandFailure && lines.count === 0) throw cause;
      if (lines.count > before) {
        tries = 0;
        backoff.reset();
      }
      if (format !== 'ndjson' || tries >= MAX_TRIES) {
        throw new CommandFailure(`the export broke off after ${lines.count} events`, undefined, { cause });
      }
      lines.forgetPart();
      await sleep(backoff.next());
    }
  }
}

function given(values: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
