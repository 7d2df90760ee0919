import { createInterface } from 'node:readline';
import { BATCH_BYTES, BATCH_EVENTS } from '../agent/batch.ts';
import { IngestClient } from '../agent/ingest-client.ts';
import { deliver, type Item, type Report, refuse } from './deliver.ts';
import { EXIT } from './failure.ts';

interface SendFlags {
  readonly server: string;
  readonly apiKey?: string;
  readonly kind: string;
  /** The fields of one event, as the flags name them. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Read events from stdin, a line each. */
  readonly stdin: boolean;
}

/** `lightwatch send`: one event from flags, or many from stdin. Ends with 1 if anything was not stored. */
export async function send(flags: SendFlags): Promise<void> {
  const client = new IngestClient({ server: flags.server, apiKey: flags.apiKey });
  const report = flags.stdin ? await sendLines(client, flags) : await sendOne(client, flags);
  process.stdout.write(`stored ${report.accepted}${report.refused > 0 ? `, refused ${report.refused}` : ''}\n`);
  if (report.refused > 0) process.exitCode = EXIT.failed;
}

async function sendOne(client: IngestClient, { kind, fields }: SendFlags): Promise<Report> {
  const report: Report = { accepted: 0, refused: 0 };
  await deliver(client, [{ event: JSON.stringify({ kind, ...fields }), where: '' }], report);
  return report;
}

async function sendLines(client: IngestClient, flags: SendFlags): Promise<Report> {
  const report: Report = { accepted: 0, refused: 0 };
  let batch: Item[] = [];
  let bytes = 0;
  let number = 0;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() === '') continue;
    const event = eventOf(line, flags);
    if (event === undefined) {
      refuse(report, `line ${number}: `, 'it is no JSON object');
      continue;
    }
    batch.push({ event, where: `line ${number}: ` });
    bytes += event.length;
    if (batch.length < BATCH_EVENTS && bytes < BATCH_BYTES) continue;
    await deliver(client, batch, report);
    batch = [];
    bytes = 0;
  }
  await deliver(client, batch, report);
  return report;
}

/** A line with what the flags say of every event, where it does not say otherwise itself. */
function eventOf(line: string, { kind, fields }: SendFlags): string | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return JSON.stringify({ kind, ...fields, ...value });
  } catch {
    return undefined;
  }
}
