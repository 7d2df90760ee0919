import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '../agent/backoff.ts';
import type { IngestClient, Outcome, Refusal } from '../agent/ingest-client.ts';
import { inertLine } from '../core/inert-text.ts';
import { CommandFailure } from './failure.ts';

/** Times a batch is sent before it counts as lost: about a minute of a server that is busy or starting. */
const MAX_TRIES = 8;

/** What became of events so far. */
export interface Report {
  accepted: number;
  refused: number;
}

/** An event and where it came from, for the person who must mend it. */
export interface Item {
  readonly event: string;
  readonly where: string;
}

/** Sends items as one batch, patiently; what is refused is told on stderr, with where it came from. */
export async function deliver(client: IngestClient, items: readonly Item[], report: Report): Promise<void> {
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

export function refuse(report: Report, where: string, reason: string): void {
  report.refused += 1;
  process.stderr.write(`${where}refused: ${inertLine(reason)}\n`);
}

function explain({ code, message }: Refusal): string {
  return `${code} ${message}`.trim();
}
