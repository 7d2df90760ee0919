import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '../agent/backoff.ts';
import { BATCH_BYTES, BATCH_EVENTS } from '../agent/batch.ts';
import { IngestClient, type Outcome, type Refusal } from '../agent/ingest-client.ts';
import { inertLine } from '../core/inert-text.ts';
import { CommandFailure, EXIT } from './failure.ts';

interface SendFlags {
  readonly server: string;
  readonly apiKey?: string;
  readonly kind: string;
  /** The fields of one event, as the flags name them. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Read events from stdin, a line each. */
  readonly stdin: boolean;
}

/** Times a batch is sent before it counts as lost: about a minute of a server that is busy or starting. */
const MAX_TRIES = 8;

/** `lightwatch send`: one event from flags, or many from stdin. Ends with 1 if anything was not stored. */
export async function send(flags: SendFlags): Promise<void> {
  const client = new IngestClient({ server: flags.server, apiKey: flags.apiKey });
  const report = flags.stdin ? await sendLines(client, flags) : await sendOne(client, flags);
  process.stdout.write(`stored ${report.accepted}${report.refused > 0 ? `, refused ${report.refused}` : ''}\n`);
  if (report.refused > 0) process.exitCode = EXIT.failed;
}

interface Report {
  accepted: number;
  refused: number;
}

async function sendOne(client: IngestClient, { kind, fields }: SendFlags): Promise<Report> {
  const report: Report = { accepted: 0, refused: 0 };
  await deliver(client, [{ event: JSON.stringify({ kind, ...fields }), where: '' }], report);
  return report;
}

/** An event and where it came from, for the person who must mend it. */
interface Item {
  readonly event: string;
  readonly where: string;
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

async function deliver(client: IngestClient, items: readonly Item[], report: Report): Promise<void> {
  if (items.length === 0) return;
  const outcome = await sendPatiently(client, items);
  switch (outcome.type) {
    case 'taken':
      report.accepted += outcome.accepted;
      for (const refusal of outcome.refused) refuse(report, items[refusal.index]?.where ?? '', explain(refusal));
      return;
    case 'too_large':
      if (items.length === 1) return refuse(report, items[0]?.where ?? '', 'it is too large');
      await deliver(client, items.slice(0, items.length >> 1), report);
      return await deliver(client, items.slice(items.length >> 1), report);
    case 'refused':
      for (const { where } of items) refuse(report, where, outcome.reason);
      return;
    case 'unwelcome':
    case 'later':
      throw new CommandFailure(`${report.accepted} events were stored before this: ${inertLine(outcome.reason)}`);
  }
}

async function sendPatiently(client: IngestClient, items: readonly Item[]): Promise<Outcome> {
  const events = items.map(({ event }) => event);
  const backoff = new Backoff();
  for (let tries = 1; ; tries++) {
    const outcome = await client.send(events);
    if (outcome.type !== 'later' || tries === MAX_TRIES || !outcome.busy) return outcome;
    await sleep(backoff.next(outcome.retryAfterMs));
  }
}

function refuse(report: Report, where: string, reason: string): void {
  report.refused += 1;
  process.stderr.write(`${where}refused: ${inertLine(reason)}\n`);
}

function explain({ code, message }: Refusal): string {
  return `${code} ${message}`.trim();
}
