import { setImmediate } from 'node:timers/promises';
import type { Kind } from '../../../schemas/event.ts';
import { Behind } from './behind.ts';
import { addValues, addWords, INDEXED_FIELDS, textColumn } from './block-words.ts';
import type { DayFile, DayFiles } from './day-files.ts';
import type { Engine } from './engine.ts';
import type { Need } from './filter-need.ts';
import type { Span } from './journal.ts';
import { columnOf } from './tables.ts';
import { WordFile } from './word-file.ts';
import { WordSetWriter } from './word-set.ts';

/** Rows of a block: a range of them costs some 2 ms to read, of which half is the question itself. */
const BLOCK_ROWS = 16_384;
/** Bytes of text a block has at most: it is in memory while its words are taken out. */
const BLOCK_BYTES = 4 * 1024 * 1024;
/** Bytes whose words are taken out in one turn of the event loop: half a millisecond. */
const TURN_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** Ids from `first` to `last`, and how many rows have them at most. */
export interface IdRange {
  readonly first: number;
  readonly last: number;
  readonly rows: number;
}

/**
 * Which words the rows of one kind have, block by block, so that a rare word is looked for in a few blocks and an absent
 * one nowhere. The blocks are made behind the loading, from the rows, oldest first; newer rows than they cover may hold
 * anything.
 */
export class WordFilters {
  private readonly kind: Kind;
  private readonly days: DayFiles;
  private readonly engine: Engine;
  private readonly blockRows: number;
  private readonly files = new Map<string, WordFile>();
  private writer: WordSetWriter | undefined;
  private readonly behind: Behind;

  constructor(kind: Kind, days: DayFiles, engine: Engine, isIdle: () => boolean, blockRows = BLOCK_ROWS) {
    this.kind = kind;
    this.days = days;
    this.engine = engine;
    this.blockRows = blockRows;
    this.behind = new Behind(
      () => this.makeBlock(),
      isIdle,
      (err) => engine.log.warn({ kind, err }, 'the word filters cannot be written now'),
    );
  }

  /** Reads what there is of the days' filters. */
  async open(): Promise<void> {
    for (const file of this.days.list()) await this.fileOf(file);
  }

  /** The ranges of a day's ids that may have what is needed, oldest first, as far as `span` reaches; undefined when nothing is known. */
  ranges(span: Span, need: Need): readonly IdRange[] | undefined {
    const words = this.files.get(span.day);
    if (words === undefined || words.lastId === 0) return undefined;
    const ranges: IdRange[] = [];
    for (const { firstId, lastId, rows } of words.candidates(need)) {
      const last = ranges.at(-1);
      if (last !== undefined && firstId <= last.last + 1) {
        ranges[ranges.length - 1] = { first: last.first, last: Math.max(last.last, lastId), rows: last.rows + rows };
      } else ranges.push({ first: firstId, last: lastId, rows });
    }
    const covered = words.blocks.reduce((sum, { rows }) => sum + rows, 0);
    if (span.lastId > words.lastId)
      ranges.push({ first: words.lastId + 1, last: span.lastId, rows: span.events - covered });
    return ranges;
  }

  /** Makes the blocks that are missing, one after the other, while there is time. */
  wake(): void {
    this.behind.wake();
  }

  /** Resolves when nothing is being made. */
  settled(): Promise<void> {
    return this.behind.settled();
  }

  /** Lets go of the filters of days that are gone. */
  async prune(): Promise<void> {
    const days = new Set(this.days.list().map(({ day }) => day));
    for (const [day, words] of this.files) {
      if (days.has(day)) continue;
      this.files.delete(day);
      await words.remove();
    }
  }

  async close(): Promise<void> {
    await this.behind.close();
    for (const words of this.files.values()) words.close();
  }

  /** Makes the oldest block that is missing; false when none is, or there is no telling which. */
  private async makeBlock(): Promise<boolean> {
    const file = this.days.list().find((candidate) => this.isDue(candidate));
    const made = file !== undefined && (await this.addBlock(file));
    if (!made) this.writer = undefined;
    return made;
  }

  /** Whether rows of a day wait for their block. The newest day waits until a block is full. */
  private isDue(file: DayFile): boolean {
    const words = this.files.get(file.day);
    const covered = words?.blocks.reduce((sum, { rows }) => sum + rows, 0) ?? 0;
    const isNewest = this.days.list().at(-1)?.day === file.day;
    return file.lastId > (words?.lastId ?? 0) && file.events - covered >= (isNewest ? this.blockRows : 1);
  }

  private async fileOf(file: DayFile): Promise<WordFile> {
    const known = this.files.get(file.day);
    if (known !== undefined) return known;
    const path = file.path.replace(/\.duckdb$/, '.words');
    const words = await WordFile.open(path, file.firstId, file.lastId);
    this.files.set(file.day, words);
    return words;
  }

  /** The next block of a day; false when it has no rows for one. */
  private async addBlock(file: DayFile): Promise<boolean> {
    const words = await this.fileOf(file);
    const fields = INDEXED_FIELDS.filter((field) => columnOf(this.kind, field) !== undefined);
    const [row] = await this.engine.snapshot((read) => read(this.blockSql(file.alias, words.lastId, fields)));
    const rows = Number(row?.rows ?? 0);
    if (row === undefined || rows === 0) return false;
    this.writer ??= new WordSetWriter();
    const { writer } = this;
    for (const field of fields) if (row[field] instanceof Uint8Array) addValues(writer, field, row[field]);
    if (row.text instanceof Uint8Array)
      for (const part of turns(row.text)) {
        addWords(writer, part);
        await setImmediate();
      }
    const block = {
      firstId: Number(row.first_id),
      lastId: Number(row.last_id),
      rows,
      minTime: Number(row.min_time),
      maxTime: Number(row.max_time),
    };
    await words.append(block, writer.take());
    return true;
  }

  /** The words of the next rows, in lower case as the search has them, and the values of the indexed fields. */
  private blockSql(alias: string, after: number, fields: readonly string[]): string {
    const text = textColumn(this.kind);
    const size = text === undefined ? '0' : `sum(strlen(${text})) OVER (ROWS UNBOUNDED PRECEDING)`;
    const columns = [
      'min(id) AS first_id, max(id) AS last_id, count(*) AS rows, min(timestamp) AS min_time, max(timestamp) AS max_time',
      ...fields.map((field) => `encode(string_agg(replace(${field}, chr(0), '') || chr(0), '')) AS ${field}`),
      ...(text === undefined ? [] : [`encode(string_agg(lower(${text}), chr(10))) AS text`]),
    ];
    return (
      `SELECT ${columns.join(', ')} FROM (SELECT *, ${size} AS bytes FROM ` +
      `(SELECT * FROM ${alias}.events WHERE id > ${after} LIMIT ${this.blockRows})) WHERE bytes <= ${BLOCK_BYTES}`
    );
  }
}

/** A text in parts that end where a line does. */
function* turns(text: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf(NEWLINE, Math.min(text.length, start + TURN_BYTES));
    const end = newline === -1 ? text.length : newline + 1;
    yield text.subarray(start, end);
    start = end;
  }
}
