import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kind } from '../../../schemas/event.ts';
import type { Engine, Row } from './engine.ts';
import type { Span } from './journal.ts';
import { createTables } from './tables.ts';

export const DAY_MS = 86_400_000;

/** A database file with the events that arrived on one day (UTC), attached as `alias`. */
export interface DayFile extends Span {
  readonly alias: string;
  readonly path: string;
}

/** The day of a moment, as files are named: `2026-02-14`. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/**
 * The files of one kind, oldest first. A file a day: retention deletes files, damage stays in its day, and a sealed day
 * can be copied as it is.
 */
export class DayFiles {
  private readonly kind: Kind;
  private readonly directory: string;
  private readonly engine: Engine;
  private files: readonly DayFile[] = [];
  /** Files that could not be opened, and why: their events are not in any answer. */
  readonly damaged: { readonly path: string; readonly reason: string }[] = [];

  private constructor(kind: Kind, directory: string, engine: Engine) {
    this.kind = kind;
    this.directory = directory;
    this.engine = engine;
  }

  static async open(kind: Kind, directory: string, engine: Engine): Promise<DayFiles> {
    await mkdir(directory, { recursive: true });
    const days = new DayFiles(kind, directory, engine);
    const names = (await readdir(directory)).filter((name) => /^\d{4}-\d\d-\d\d\.duckdb$/.test(name)).sort();
    for (const name of names) {
      try {
        await days.attach(name.slice(0, 10));
      } catch (error) {
        days.damaged.push({ path: join(directory, name), reason: (error as Error).message });
      }
    }
    return days;
  }

  list(): readonly DayFile[] {
    return this.files;
  }

  /** The newest id in any file, 0 when there is none. */
  lastId(): number {
    return this.files.reduce((last, file) => Math.max(last, file.lastId), 0);
  }

  /** The file of a day, made if it does not exist. */
  async of(day: string): Promise<DayFile> {
    return this.files.find((file) => file.day === day) ?? (await this.attach(day));
  }

  /** Notes what a load has added, once it is committed. */
  update(file: DayFile): void {
    this.files = this.files.map((other) => (other.day === file.day ? file : other));
  }

  /** Deletes the files of days that ended before `before` (milliseconds since the epoch). Answers how many events went. */
  async expire(before: number): Promise<number> {
    const expired = this.files.filter((file) => Date.parse(file.day) + DAY_MS <= before);
    for (const file of expired) {
      this.files = this.files.filter((other) => other !== file);
      await this.engine.detach(file.alias);
      await rm(file.path, { force: true });
      await rm(`${file.path}.wal`, { force: true });
    }
    return expired.reduce((events, file) => events + file.events, 0);
  }

  private async attach(day: string): Promise<DayFile> {
    const alias = `${this.kind}_${day.replaceAll('-', '')}`;
    const path = join(this.directory, `${day}.duckdb`);
    const rows = await this.engine.write(async (run) => {
      await this.engine.attach(alias, path);
      for (const statement of createTables(this.kind, alias)) await run(statement);
      return run(`SELECT * FROM ${alias}.loaded`);
    });
    const file = { alias, path, ...loadedSpan(day, rows[0]) };
    this.files = [...this.files, file].sort((a, b) => (a.day < b.day ? -1 : 1));
    return file;
  }
}

/** A file's row of `loaded`, or that of an empty file. */
export function loadedSpan(day: string, row: Row | undefined): Span {
  if (row === undefined)
    return {
      day,
      firstId: 0,
      lastId: 0,
      events: 0,
      minTime: Number.POSITIVE_INFINITY,
      maxTime: Number.NEGATIVE_INFINITY,
    };
  return {
    day,
    firstId: Number(row.first_id),
    lastId: Number(row.last_id),
    events: Number(row.events),
    minTime: Number(row.min_time),
    maxTime: Number(row.max_time),
  };
}
