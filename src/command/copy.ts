import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import colors from 'picocolors';
import type { CopyProgress } from '../../schemas/copy.ts';
import { KINDS, type Kind } from '../../schemas/event.ts';
import { type Config, readConfig, withoutSecrets } from '../config.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { EVERYTHING } from '../core/filter.ts';
import { LightwatchError } from '../errors.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { COPIED_COLLECTIONS, copyDocuments } from './copy-documents.ts';
import { ArrivalClock, copyEvents } from './copy-events.ts';
import { CommandFailure } from './failure.ts';

/** Where a store is: in MongoDB, or else in a folder. */
export type StoreAddress = Pick<Config, 'mongoUri' | 'dataDir'>;

interface CopyFlags {
  readonly from: StoreAddress;
  readonly to: StoreAddress;
}

const SHOW_EVERY_MS = 2000;
const INTERRUPTED = 'interrupted: run it again to go on where it ended';

/**
 * `lightwatch copy`: all events and documents of one store into another, then a count of both.
 * @throws CommandFailure when a store cannot be opened, it was interrupted, or something is missing in the end
 */
export async function copy({ from, to }: CopyFlags): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  if (from.mongoUri === undefined && !existsSync(join(from.dataDir, 'documents.duckdb')))
    throw new CommandFailure(`there is no store in ${from.dataDir}`);
  const clock = new ArrivalClock();
  const source = await open(from, systemClock);
  try {
    // A store that is begun anew gives ids from the time its clock shows: the oldest event's.
    clock.set(await oldestArrival(source));
    const target = await open(to, clock);
    try {
      const parts = { from: source, to: target, clock, signal: interrupted.signal, source: digest(from) };
      await copyAll(parts);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function open(address: StoreAddress, clock: Clock): Promise<Store> {
  const tell = (_: object, message: string) => void process.stderr.write(`lightwatch: ${message}\n`);
  try {
    // How long MongoDB keeps events is the servers' affair, whose settings may be others than these.
    return await openStore({ ...readConfig(), ...address, retentionMs: undefined }, clock, { warn: tell, error: tell });
  } catch (cause) {
    if (!(cause instanceof LightwatchError)) throw cause;
    throw new CommandFailure(cause.message, undefined, { cause });
  }
}

interface Parts {
  readonly from: Store;
  readonly to: Store;
  readonly clock: ArrivalClock;
  readonly source: string;
  readonly signal: AbortSignal;
}

async function copyAll(parts: Parts): Promise<void> {
  const { from, to, signal } = parts;
  const missing: string[] = [];
  const check = (what: string, found: number, wanted: number) => {
    process.stderr.write(
      `${found < wanted ? colors.red('✗') : colors.green('✓')} ${what}: ${shown(wanted)} there, ${shown(found)} here\n`,
    );
    if (found < wanted) missing.push(what);
  };
  for (const collection of COPIED_COLLECTIONS) {
    if (signal.aborted) throw new CommandFailure(INTERRUPTED);
    const wanted = await copyDocuments(collection, from, to);
    check(collection, (await to.documents.list(collection, { limit: 0 })).total, wanted);
  }
  for (const kind of KINDS) {
    const wanted = await total(from, kind);
    const { left_out } = await copyEvents({ ...parts, kind, show: progressShower(kind, wanted) });
    if (signal.aborted) throw new CommandFailure(INTERRUPTED);
    if (left_out > 0)
      process.stderr.write(`  ${shown(left_out)} ${kind} events have the event_id of another and are kept once\n`);
    check(`${kind} events`, await total(to, kind), wanted - left_out);
  }
  if (missing.length > 0) throw new CommandFailure(`not everything has arrived: ${missing.join(', ')}`);
}

async function total(store: Store, kind: Kind): Promise<number> {
  const one = { kind, where: EVERYTHING, order: 'desc', limit: 1, offset: 0, total: true } as const;
  return (await store.page(one)).total ?? 0;
}

/** When the oldest event arrived; 0 when there is none. */
async function oldestArrival(store: Store): Promise<number> {
  const first = (await Promise.all(KINDS.map((kind) => store.since<Kind>(kind, '', 1)))).flat();
  return first.length === 0 ? 0 : Math.min(...first.map((event) => event.received_at));
}

/** The same source, called the same way, gets the same word; a password that changes does not matter. */
function digest({ mongoUri, dataDir }: StoreAddress): string {
  const name = mongoUri === undefined ? resolve(dataDir) : withoutSecrets(mongoUri);
  return createHash('sha256').update(name).digest('hex').slice(0, 16);
}

function progressShower(kind: Kind, wanted: number): (progress: CopyProgress) => void {
  let shownAt = 0;
  return ({ events }) => {
    const now = performance.now();
    if (now - shownAt < SHOW_EVERY_MS) return;
    shownAt = now;
    process.stderr.write(colors.dim(`  ${kind} events: ${shown(events)} of ${shown(wanted)}\n`));
  };
}

const shown = (count: number) => count.toLocaleString('en');
