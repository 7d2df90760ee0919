import type { Level } from '../../schemas/log.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { EventOf } from '../core/event.ts';
import type { SafeRecord } from './safe-record.ts';

/** Lines are stored together, this often. */
const FLUSH_MS = 1000;
/** Lines of one flush; what exceeds them is counted by what it was, so that a flood costs one line a second. */
const LINES_A_FLUSH = 20;
/** Different things that are counted apart. */
const MAX_COUNTED = 50;

/** A line Lightwatch writes about itself. */
export interface SelfLine {
  readonly level: Level;
  readonly message: string;
  readonly meta?: Readonly<Record<string, unknown>>;
  /** Under which name lines of this sort are counted when there are too many. */
  readonly sort: string;
}

/** Collects lines and stores them now and then, never more than a few a second. Close it with `close()`. */
export class SelfLog {
  readonly #record: SafeRecord;
  readonly #clock: Clock;
  readonly #host: string;
  #lines: EventOf<'log'>[] = [];
  readonly #overflow = new Map<string, number>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(record: SafeRecord, clock: Clock, host: string) {
    this.#record = record;
    this.#clock = clock;
    this.#host = host;
  }

  add({ level, message, meta, sort }: SelfLine): void {
    if (this.#closed) return;
    this.#timer ??= this.#clock.after(FLUSH_MS, () => void this.flush());
    if (this.#lines.length < LINES_A_FLUSH) this.#lines.push(this.#event(level, message, meta));
    else this.#count(sort);
  }

  /** Stores what was collected. Never rejects. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const lines = this.#lines;
    this.#lines = [];
    if (this.#overflow.size > 0) lines.push(this.#summary());
    this.#overflow.clear();
    if (lines.length > 0) await this.#record('log', lines);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
  }

  #count(sort: string): void {
    const name = this.#overflow.has(sort) || this.#overflow.size < MAX_COUNTED ? sort : 'other';
    this.#overflow.set(name, (this.#overflow.get(name) ?? 0) + 1);
  }

  #summary(): EventOf<'log'> {
    const total = [...this.#overflow.values()].reduce((sum, count) => sum + count, 0);
    return this.#event('info', `and ${total} more lines that are only counted`, {
      counts: Object.fromEntries(this.#overflow),
    });
  }

  #event(level: Level, message: string, meta: SelfLine['meta']): EventOf<'log'> {
    const event = { service: 'lightwatch', host: this.#host, level, message, timestamp: this.#clock.now() };
    return meta === undefined ? event : { ...event, meta: { ...meta } };
  }
}
