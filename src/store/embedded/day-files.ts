import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kind } from '../../../schemas/event.ts';
import { type Engine, type Row, walOf } from './engine.ts';
import type { Span } from './journal.ts';
import { isDamage } from './store-error.ts';
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
    const names = (await readdir(directory)).sort();
    for (const name of names) {
      const day = dayOfName(name);
      if (name.endsWith('.duckdb.wal') && !names.includes(name.slice(0, -'.wal'.length))) {
        // A crash came between the deletion of a day's file and that of its log.
        await rm(join(directory, name), { force: true });
      } else if (day !== undefined && name === `${day}.duckdb`) {
        await days.attach(day).catch((error: Error) => {
          days.damaged.push({ path: join(directory, name), reason: error.message });
        });
      }
    }
    return days;
  }

  /** Without those that the engine had to leave out when it was started anew. */
  list(): readonly DayFile[] {
    return this.files.filter((file) => this.engine.has(file.alias));
  }

  /** The newest id in any file, 0 when there is none. */
  lastId(): number {
    return this.list().reduce((last, file) => Math.max(last, file.lastId), 0);
  }

  /** The file of a day, made if it does not exist. One that is damaged is moved aside: it must not hold up what arrives. */
  async of(day: string): Promise<DayFile> {
    const file = this.list().find((other) => other.day === day);
    if (file !== undefined) return file;
    try {
      return await this.attach(day);
    } catch (cause) {
      if (!isDamage(cause) || !(await exists(this.pathOf(day)))) throw cause;
      await this.moveAside(day, cause);
      return this.attach(day);
    }
  }

  /** Notes what a load has added, once it is committed. */
  update(file: DayFile): void {
    this.files = this.files.map((other) => (other.day === file.day ? file : other));
  }

  /**
   * Deletes the files of days that ended before `before` (milliseconds since the epoch), damaged ones too. Answers how
   * many events went. What cannot be deleted is in no answer any more, and is tried again the next time.
   */
  async expire(before: number): Promise<number> {
    const isExpired = (day: string) => Date.parse(day) + DAY_MS <= before;
    let events = 0;
    for (const file of this.list().filter(({ day }) => isExpired(day))) {
      try {
        await this.engine.detach(file.alias);
        events += file.events;
      } catch (err) {
        this.engine.log.warn({ path: file.path, err }, 'an expired file cannot be let go: trying again later');
      }
    }
    this.files = this.list();
    // In a writer's turn, when no file is half attached.
    await this.engine.write(async () => {
      for (const name of await readdir(this.directory)) {
        const day = dayOfName(name);
        if (day !== undefined && isExpired(day) && !this.engine.has(this.aliasOf(day)))
          await this.remove(join(this.directory, name));
      }
    });
    return events;
  }

  private async attach(day: string): Promise<DayFile> {
    const alias = this.aliasOf(day);
    const path = this.pathOf(day);
    const rows = await this.engine.attach(alias, path, [
      ...createTables(this.kind, alias),
      `SELECT * FROM ${alias}.loaded`,
    ]);
    const file = { alias, path, ...loadedSpan(day, rows[0]) };
    this.files = [...this.files.filter((other) => other.day !== day), file].sort((a, b) => (a.day < b.day ? -1 : 1));
    return file;
  }

  private aliasOf(day: string): string {
    return `${this.kind}_${day.replaceAll('-', '')}`;
  }

  private pathOf(day: string): string {
    return join(this.directory, `${day}.duckdb`);
  }

  /** Gives a damaged file, and its log, a name under which nothing is looked for. */
  private async moveAside(day: string, err: unknown): Promise<void> {
    const path = this.pathOf(day);
    let number = 1;
    while (await exists(`${path}.damaged-${number}`)) number++;
    const movedTo = `${path}.damaged-${number}`;
    await rename(path, movedTo);
    if (await exists(walOf(path))) await rename(walOf(path), walOf(movedTo));
    const known = this.damaged.findIndex((damaged) => damaged.path === path);
    if (known >= 0) this.damaged.splice(known, 1);
    this.engine.log.error(
      { path, movedTo, err },
      'the file of the day is damaged and was moved aside: its events are missing from every answer',
    );
  }

  private async remove(path: string): Promise<void> {
    try {
      await rm(path, { force: true });
    } catch (err) {
      this.engine.log.warn({ path, err }, 'an expired file cannot be deleted: trying again later');
    }
  }
}

/** The day that a file belongs to, by its name: a database, its log, either of a damaged one, or its words. */
export function dayOfName(name: string): string | undefined {
  return /^(\d{4}-\d\d-\d\d)\.(?:duckdb(?:\.|$)|words$)/.exec(name)?.[1];
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
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
