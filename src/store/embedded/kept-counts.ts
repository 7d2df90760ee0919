import type { Kind } from '../../../schemas/event.ts';
import type { Field } from '../../core/filter.ts';
import { Behind } from './behind.ts';
import type { DayFile, DayFiles } from './day-files.ts';
import type { Engine, Read } from './engine.ts';
import { SEGMENT_EVENTS } from './journal.ts';

/** What is counted of a kind: rows by stretch of time and by some fields. */
export interface Counted {
  /** The width of a stretch in milliseconds; they are aligned to the epoch. */
  readonly stepMs: number;
  readonly fields: readonly Field[];
  /** The figures, as columns with what they are of the rows. */
  readonly figures: Readonly<Record<string, { readonly type: string; readonly sql: string }>>;
}

const EVENTS = {
  events: { type: 'BIGINT', sql: 'count(*)' },
  newest: { type: 'BIGINT', sql: 'max(timestamp)' },
};
const double = (sql: string) => ({ type: 'DOUBLE', sql });

export const COUNTED: Readonly<Partial<Record<Kind, Counted>>> = {
  log: { stepMs: 60_000, fields: ['service', 'level'], figures: EVENTS },
  metric: {
    stepMs: 300_000,
    fields: ['service', 'name'],
    figures: {
      ...EVENTS,
      sum: double('sum(value)'),
      min: double('min(value)'),
      max: double('max(value)'),
      p50: double('quantile_cont(value, 0.5)'),
      p90: double('quantile_cont(value, 0.9)'),
      p95: double('quantile_cont(value, 0.95)'),
      p99: double('quantile_cont(value, 0.99)'),
    },
  },
};

/**
 * The table of a day's counts. `last_id` is the newest event that a row's counting went to: every event up to the largest
 * of them is in exactly one row. `start` is where the stretch begins.
 */
export function createCounts(kind: Kind, database: string, types: (field: Field) => string): readonly string[] {
  const counted = COUNTED[kind];
  if (counted === undefined) return [];
  const columns = [
    'last_id BIGINT, start BIGINT',
    ...counted.fields.map((field) => `${field} ${types(field)}`),
    ...Object.entries(counted.figures).map(([name, { type }]) => `${name} ${type}`),
  ];
  return [`CREATE TABLE IF NOT EXISTS ${database}.counts (${columns.join(', ')})`];
}

/** The start of the stretch of time an event is in, also before 1970. */
export function stepSql(stepMs: number): string {
  if (!Number.isSafeInteger(stepMs) || stepMs < 1) throw new Error(`BUG: a step of ${stepMs} ms`);
  return `timestamp - (timestamp % ${stepMs} + ${stepMs}) % ${stepMs}`;
}

/** Counts the rows of a day whose ids are after `after` and up to `lastId`: all of them, or those of the stretch at `start`. */
function countSql(
  { stepMs, fields, figures }: Counted,
  alias: string,
  { after, lastId, start }: { readonly after: number; readonly lastId: number; readonly start?: number },
): string {
  const columns = [`${stepSql(stepMs)} AS start`, ...fields, ...Object.values(figures).map(({ sql }) => sql)];
  const within = start === undefined ? '' : ` AND timestamp >= ${start} AND timestamp < ${start + stepMs}`;
  return (
    `INSERT INTO ${alias}.counts SELECT ${lastId}, ${columns.join(', ')} FROM ${alias}.events ` +
    `WHERE id > ${after} AND id <= ${lastId}${within} GROUP BY ALL ORDER BY ALL`
  );
}

/** How far a day is counted, and what of it by the fields; undefined when that is too much to be held. */
interface Progress {
  readonly lastId: number;
  readonly events: number;
  readonly totals: readonly CountedTotal[] | undefined;
}

/** How many of a day's counted events have these values: in the order of `Counted.fields`, as they are in the table. */
export interface CountedTotal {
  readonly values: readonly unknown[];
  readonly events: number;
}

/** What is counted of one day. */
export interface CountedDay {
  /** The newest event that is counted. */
  readonly reached: number;
  readonly totals: readonly CountedTotal[] | undefined;
}

/** Totals of a day that are held: some 200 KB; of a day with more combinations of values none are. */
const MAX_TOTALS = 2_000;

/**
 * Counts that are kept in each day's file, so that totals and curves need not look at every event. They are made from the
 * rows behind the loading, a row group at a time, and commit in one transaction with how far they reach: an event is
 * counted once, whenever it arrived and whenever the process ends. Newer rows are counted as they are asked for.
 */
export class KeptCounts {
  private readonly kind: Kind;
  private readonly days: DayFiles;
  private readonly engine: Engine;
  private readonly rows: number;
  private readonly behind: Behind;
  private progress: ReadonlyMap<string, Progress> = new Map();

  /** @param rows events that are counted in one go; the newest day waits for as many */
  constructor(kind: Kind, days: DayFiles, engine: Engine, isIdle: () => boolean, rows = SEGMENT_EVENTS) {
    this.kind = kind;
    this.days = days;
    this.engine = engine;
    this.rows = rows;
    this.behind = new Behind(
      () => this.countSome(),
      isIdle,
      (err) => {
        engine.log.warn({ kind, err }, 'the counts of events cannot be brought up to date now');
        void engine.recover(err).catch(() => undefined);
      },
    );
  }

  /** Reads how far each day is counted. */
  async open(): Promise<void> {
    if (COUNTED[this.kind] === undefined) return;
    for (const { day, alias } of this.days.list())
      this.note(day, await this.engine.scan((read) => this.progressOf(read, alias)));
  }

  /**
   * What is counted of each day, at this moment. A reader that begins later finds counts that go further: those are told by
   * their `last_id`.
   */
  reached(): (day: string) => CountedDay | undefined {
    const { progress } = this;
    return (day) => {
      const counted = progress.get(day);
      return counted === undefined || counted.lastId === 0
        ? undefined
        : { reached: counted.lastId, totals: counted.totals };
    };
  }

  /**
   * Counts anew what an event was counted with, after its row is gone and in the same transaction. `last_id` stays, so
   * that whoever still goes by an earlier `reached` takes neither too much nor too little.
   */
  async recount(run: Read, alias: string, id: number, timestamp: number): Promise<void> {
    const counted = COUNTED[this.kind];
    if (counted === undefined) return;
    const counts = `${alias}.counts`;
    const [part] = await run(
      `SELECT min(last_id) FILTER (last_id >= ${id})::DOUBLE AS last, coalesce(max(last_id) FILTER (last_id < ${id}), 0)::DOUBLE AS before FROM ${counts}`,
    );
    if (part?.last == null) return;
    const start = timestamp - (((timestamp % counted.stepMs) + counted.stepMs) % counted.stepMs);
    await run(`DELETE FROM ${counts} WHERE last_id = ${Number(part.last)} AND start = ${start}`);
    await run(countSql(counted, alias, { after: Number(part.before), lastId: Number(part.last), start }));
  }

  /** Reads anew what is counted of a day in which an event was counted no more. */
  async refresh({ day, alias }: DayFile): Promise<void> {
    if (this.progress.has(day)) this.note(day, await this.engine.write((run) => this.progressOf(run, alias)));
  }

  wake(): void {
    if (COUNTED[this.kind] !== undefined) this.behind.wake();
  }

  settled(): Promise<void> {
    return this.behind.settled();
  }

  close(): Promise<void> {
    return this.behind.close();
  }

  private async countSome(): Promise<boolean> {
    const newest = this.days.list().at(-1)?.day;
    const file = this.days.list().find(({ day, events }) => {
      const left = events - (this.progress.get(day)?.events ?? 0);
      return left >= (day === newest ? this.rows : 1);
    });
    return file !== undefined && (await this.count(file));
  }

  /** Counts what of a day is not yet; false when there is nothing. */
  private async count(file: DayFile): Promise<boolean> {
    const { day, alias, lastId, events } = file;
    const after = this.progress.get(day)?.lastId ?? 0;
    const counted = COUNTED[this.kind];
    if (counted === undefined || lastId <= after) return false;
    await this.engine.write((run) => run(countSql(counted, alias, { after, lastId })));
    // First how far it reaches, whatever becomes of the rest: nothing may be counted twice.
    this.note(day, { lastId, events, totals: undefined });
    await this.refresh(file);
    return true;
  }

  private note(day: string, progress: Progress): void {
    this.progress = new Map([...this.progress, [day, progress]]);
  }

  private async progressOf(read: Read, alias: string): Promise<Progress> {
    const fields = COUNTED[this.kind]?.fields ?? [];
    const columns = fields.map((field, index) => `"${field}" AS f${index}`);
    const rows = await read(
      `SELECT ${columns.join(', ')}, sum(events)::DOUBLE AS events, max(last_id)::DOUBLE AS last_id FROM ${alias}.counts GROUP BY ALL`,
    );
    const totals = rows.map((row) => ({
      values: fields.map((_, index) => row[`f${index}`]),
      events: Number(row.events),
    }));
    return {
      lastId: rows.reduce((last, row) => Math.max(last, Number(row.last_id)), 0),
      events: totals.reduce((sum, { events }) => sum + events, 0),
      totals: totals.length > MAX_TOTALS ? undefined : totals,
    };
  }
}
