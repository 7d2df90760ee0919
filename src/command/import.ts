import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { BATCH_BYTES, BATCH_EVENTS } from '../agent/batch.ts';
import { IngestClient } from '../agent/ingest-client.ts';
import { deliver, type Item, type Report, refuse } from './deliver.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { Progress } from './progress.ts';

interface ImportFlags {
  readonly server: string;
  readonly apiKey?: string;
  readonly kind?: string;
  readonly skip: number;
}

/**
 * `lightwatch import`: lines of an export back into a server. An event keeps its `event_id` and its time, so that one that
 * is there already is not stored again. Ends with 1 if anything was not stored.
 */
export async function importEvents(path: string, flags: ImportFlags): Promise<void> {
  const client = new IngestClient({ server: flags.server, apiKey: flags.apiKey });
  const input = path === '-' ? process.stdin : createReadStream(path);
  const report: Report = { accepted: 0, refused: 0 };
  const progress = new Progress('imported');
  let batch: Item[] = [];
  let bytes = 0;
  let number = 0;
  let done = 0;
  const flush = async () => {
    await deliver(client, batch, report);
    done = number;
    batch = [];
    bytes = 0;
    progress.show(report.accepted);
  };
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      if (number <= flags.skip || line.trim() === '') continue;
      const event = eventOf(line, flags.kind);
      if (typeof event !== 'string') refuse(report, `line ${number}: `, event.fault);
      else {
        batch.push({ event, where: `line ${number}: ` });
        bytes += event.length;
      }
      if (batch.length >= BATCH_EVENTS || bytes >= BATCH_BYTES) await flush();
    }
    await flush();
  } catch (cause) {
    throw new CommandFailure(`${reasonOf(cause)}; go on with --skip ${Math.max(done, flags.skip)}`, undefined, {
      cause,
    });
  } finally {
    progress.end();
  }
  process.stdout.write(`stored ${report.accepted}${report.refused > 0 ? `, refused ${report.refused}` : ''}\n`);
  if (report.refused > 0) process.exitCode = EXIT.failed;
}

/** A line as a sender would say it: what a server makes of an event is left out, but its id stays known. */
function eventOf(line: string, kind: string | undefined): string | { readonly fault: string } {
  const value = parse(line);
  if (value === undefined) return { fault: 'it is no JSON object' };
  const { id, received_at: _, duration_ms: __, highlights: ___, ...event } = value;
  const own = kind ?? kindOf(event);
  if (own === undefined) return { fault: 'it does not look like a log, a metric or a security event: name its --kind' };
  return JSON.stringify({ ...(typeof id === 'string' && { event_id: id }), ...event, kind: own });
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The kind of event whose fields these are. */
function kindOf(event: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof event.kind === 'string') return event.kind;
  if ('message' in event) return 'log';
  if ('value' in event) return 'metric';
  return 'severity' in event ? 'security' : undefined;
}

function reasonOf(cause: unknown): string {
  if (cause instanceof CommandFailure) return cause.message;
  return `the file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
}
