import type { Kind } from '../../../schemas/event.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import { LightwatchError } from '../../errors.ts';
import type { DayFile, DayFiles } from './day-files.ts';
import { type Engine, type Read, transaction } from './engine.ts';
import { type Journal, joinSpans, SEGMENT_EVENTS, type Segment, type Span } from './journal.ts';
import { MAX_RECORD_BYTES, recordSpan } from './record.ts';
import { isRefusal, salvage } from './set-aside.ts';
import { journalRows } from './tables.ts';

/** Events from which it pays to tell DuckDB how many threads to load with: being told costs it some milliseconds. */
const BULK_EVENTS = 20_000;
/** How long acknowledged events wait for company. A query that needs them does not wait. */
const LOAD_DELAY_MS = 1_000;
/**
 * Events that may wait while loading works: a second's worth. Who brings more waits for the next step, so that a question
 * need not wait longer than that for what it is to see.
 */
const MAX_WAITING_EVENTS = 4 * SEGMENT_EVENTS;
/** Between tries while loading fails. */
const RETRY_MS = 2_000;

export interface LoaderHooks {
  /** Loading failed, and will be tried again once this resolves. */
  failed(cause: unknown): Promise<void>;
  /** Loading works, and has brought something in. */
  loaded(): void;
  /** Lines that DuckDB refuses have been put aside. */
  setAside(path: string, events: number, cause: unknown): void;
}

/**
 * Moves one kind's journal into its day files, in bulk and behind the acknowledgements. The place it has reached commits
 * in the same transaction as the rows, so each record is loaded exactly once whenever the process ends.
 */
export class Loader {
  private readonly kind: Kind;
  private readonly journal: Journal;
  private readonly days: DayFiles;
  private readonly engine: Engine;
  private readonly clock: Clock;
  private readonly hooks: LoaderHooks;
  private acknowledgedId = 0;
  private loadedId: number;
  private pendingEvents = 0;
  private timer: Timer | undefined;
  private waiting: (() => void)[] = [];
  private running: Promise<void> | undefined;
  private failing = false;
  private closed = false;

  constructor(kind: Kind, journal: Journal, days: DayFiles, engine: Engine, clock: Clock, hooks: LoaderHooks) {
    this.kind = kind;
    this.journal = journal;
    this.days = days;
    this.engine = engine;
    this.clock = clock;
    this.hooks = hooks;
    this.loadedId = days.lastId();
  }

  /** Acknowledged events that are not loaded yet. */
  get pending(): number {
    return this.pendingEvents;
  }

  /** Whether there is little to load. */
  get isIdle(): boolean {
    return this.pendingEvents < BULK_EVENTS;
  }

  /** The newest id that was acknowledged. */
  get acknowledged(): number {
    return Math.max(this.acknowledgedId, this.loadedId);
  }

  /** The newest id in the day files. */
  get loaded(): number {
    return this.loadedId;
  }

  /** Says that a stretch of the journal is durable. */
  acknowledge(span: Span): void {
    this.acknowledgedId = Math.max(this.acknowledgedId, span.lastId);
    this.pendingEvents += span.events;
    if (this.running !== undefined || this.failing) return;
    if (this.pendingEvents >= SEGMENT_EVENTS) this.start();
    else this.timer ??= this.clock.after(LOAD_DELAY_MS, () => this.start());
  }

  /**
   * Resolves when everything acknowledged before the call, or up to the id `target`, is in the day files. While loading
   * fails it resolves at once, and answers the segments that are not: a query has to read them itself.
   */
  async catchUp(target = this.acknowledgedId): Promise<readonly Segment[]> {
    while (this.loadedId < target && !this.failing && !this.closed) {
      this.start();
      await this.nextStep();
    }
    if (this.loadedId >= target) return [];
    return (await this.journal.seal()).filter((segment) => segment.lastId > this.loadedId);
  }

  /** Resolves when there is room for more: at once, unless loading is far behind and works. */
  async room(): Promise<void> {
    while (this.pendingEvents > MAX_WAITING_EVENTS && !this.failing && !this.closed) {
      this.start();
      await this.nextStep();
    }
  }

  /**
   * Runs `task` when everything acknowledged before the call is loaded, and loads nothing meanwhile: nobody else changes
   * the day files.
   * @throws LW_STORE_UNAVAILABLE while loading fails
   */
  async alone<T>(task: () => Promise<T>): Promise<T> {
    await this.catchUp();
    while (this.running !== undefined) await this.running;
    if (this.failing) throw new LightwatchError('LW_STORE_UNAVAILABLE', 'the store cannot load events now');
    const result = task();
    this.occupy(
      result.then(
        () => undefined,
        () => undefined,
      ),
    );
    return result;
  }

  /** Loads what is left, unless loading fails. */
  async close(): Promise<void> {
    await this.catchUp();
    this.closed = true;
    this.timer?.cancel();
    await this.running;
  }

  /** Resolves after a step, or when there will be none. */
  private async nextStep(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
      if (this.running === undefined) this.stepped();
    });
  }

  private stepped(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private start(): void {
    this.timer?.cancel();
    this.timer = undefined;
    if (!this.closed && this.running === undefined) this.occupy(this.run());
  }

  private occupy(work: Promise<void>): void {
    this.running = work.finally(() => {
      this.running = undefined;
      this.stepped();
      if (this.pendingEvents > 0 && !this.closed)
        this.timer ??= this.clock.after(this.failing ? RETRY_MS : LOAD_DELAY_MS, () => this.start());
    });
  }

  /** One step; more follow while there is enough for one. */
  private async run(): Promise<void> {
    try {
      do {
        const { full } = this.journal;
        await this.step(eventsIn(full) >= SEGMENT_EVENTS ? full : await this.journal.seal());
        this.failing = false;
        this.hooks.loaded();
        this.stepped();
      } while (this.pendingEvents >= SEGMENT_EVENTS);
    } catch (cause) {
      this.failing = true;
      await this.hooks.failed(cause).catch(() => undefined);
    }
  }

  private async step(sealed: readonly Segment[]): Promise<void> {
    const segments = takeStep(sealed);
    const [first] = segments;
    if (first === undefined) return;
    const file = await this.days.of(first.day);
    const fresh = segments.filter((segment) => segment.lastId > file.lastId);
    await this.loadAll(file, fresh);
    for (const segment of segments) {
      this.loadedId = Math.max(this.loadedId, segment.lastId);
      this.pendingEvents = Math.max(0, this.pendingEvents - segment.events);
      await this.journal.remove(segment);
    }
  }

  private async loadAll(file: DayFile, segments: readonly Segment[]): Promise<void> {
    const [first] = segments;
    if (first === undefined) return;
    const paths = segments.map((segment) => segment.path);
    try {
      // A segment that was begun is one whose salvage a crash has cut short.
      if (first.firstId > file.lastId) return await this.load(file, paths, segments);
    } catch (cause) {
      if (!isRefusal(cause)) throw cause;
    }
    for (const segment of segments) await this.salvage(segment);
  }

  private async salvage(segment: Segment): Promise<void> {
    const { events, path, reason } = await salvage(segment, {
      spanOf: recordSpan,
      isLoaded: async (id) => (await this.days.of(segment.day)).lastId >= id,
      load: async (part, span) => this.load(await this.days.of(segment.day), [part], [span]),
    });
    if (events > 0) this.hooks.setAside(path, events, reason);
  }

  /** The rows and the place they bring the file to, in one transaction. */
  private async load(file: DayFile, paths: readonly string[], spans: readonly Span[]): Promise<void> {
    // One whose events were all deleted still knows how far it has come.
    const isEmpty = file.lastId === 0;
    const span = spans.reduce<Span | undefined>(joinSpans, isEmpty ? undefined : file);
    if (span === undefined) throw new Error('BUG: nothing to load');
    const isBulk = spans.reduce((sum, { events }) => sum + events, 0) >= BULK_EVENTS;
    const task = (run: Read) =>
      transaction(run, async () => {
        await run(`INSERT INTO ${file.alias}.events ${journalRows(this.kind, paths, MAX_RECORD_BYTES)}`);
        const { firstId, lastId, events, minTime, maxTime } = span;
        const place = isEmpty
          ? `INSERT INTO ${file.alias}.loaded VALUES (?, ?, ?, ?, ?)`
          : `UPDATE ${file.alias}.loaded SET first_id = ?, last_id = ?, events = ?, min_time = ?, max_time = ?`;
        await run(place, [firstId, lastId, events, minTime, maxTime]);
      });
    await (isBulk ? this.engine.load(task) : this.engine.write(task));
    this.days.update({ ...file, ...span });
  }
}

/** The oldest segments of one day that make a step: as many as a full one has events. */
function takeStep(sealed: readonly Segment[]): readonly Segment[] {
  const step: Segment[] = [];
  for (const segment of sealed) {
    if (eventsIn(step) >= SEGMENT_EVENTS || (step[0] !== undefined && step[0].day !== segment.day)) break;
    step.push(segment);
  }
  return step;
}

function eventsIn(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segment.events, 0);
}
