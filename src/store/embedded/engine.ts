import { rm, stat } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { LightwatchError } from '../../errors.ts';
import { Readers } from './readers.ts';
import { isDamage, isFatal } from './store-error.ts';

export type SqlValue = string | number | boolean | null;
export type Row = Readonly<Record<string, unknown>>;
/** Runs one statement; question marks stand for `values`, in order. */
export type Read = (sql: string, values?: readonly SqlValue[]) => Promise<readonly Row[]>;

/** A query that takes longer, waiting included, is stopped and answered with `LW_QUERY_TIMEOUT`. */
const QUERY_TIMEOUT_MS = 10_000;
/** A statement that has not begun yet when it is interrupted does not notice: it is told again. */
const INTERRUPT_EVERY_MS = 100;
/**
 * Queries that run side by side. Each holds one of libuv's four threads, and one must stay free for the journal's
 * `fdatasync`: more would not be faster, DuckDB spreads one query over the cores by itself.
 */
const READERS = 2;
/** Threads of one query. */
const THREADS = Math.max(1, Math.min(4, availableParallelism()));
/** DuckDB spills or refuses past this; a sixteenth of the machine, within these bounds. */
const MEMORY_MIN_BYTES = 128e6;
const MEMORY_MAX_BYTES = 512e6;
/** What queries may spill at most: sorting four times the memory, and never the disk that the journal needs. */
const SPILL_MAX = '2GB';

/** The three headers that begin every DuckDB file. */
const HEADER_BYTES = 3 * 4096;
/**
 * Blocks of new files. A column of a row group ends in a block of its own, and what a load changes is written anew in
 * whole blocks: with DuckDB's usual 256 KiB a row of logs takes 5 % more, and after a thousand small loads 7 %. Below
 * 64 KiB numbers are no longer compressed.
 */
const BLOCK_BYTES = 64 * 1024;

export interface EngineOptions {
  /** Where queries spill what does not fit in memory. */
  readonly tempDir: string;
  readonly log: EngineLog;
}

/** Where the engine says what an operator should know. */
export interface EngineLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** One DuckDB instance with its attached files: a writer's connection and a few readers'. */
export class Engine {
  readonly log: EngineLog;
  private readonly tempDir: string;
  private started: Started;
  private readonly readers: Readers<DuckDBConnection>;
  private readonly attached = new Map<string, string>();
  private writing: Promise<unknown> = Promise.resolve();
  private closed = false;
  private whole = true;

  private constructor({ tempDir, log }: EngineOptions, started: Started) {
    this.tempDir = tempDir;
    this.log = log;
    this.started = started;
    this.readers = new Readers(started.readers);
  }

  static async open(options: EngineOptions): Promise<Engine> {
    return new Engine(options, await start(options.tempDir));
  }

  /**
   * Attaches the database file at `path`, made if it does not exist, under `alias`, which must be an identifier, and runs
   * the statements that make its tables; answers the rows of the last. All or nothing: when it fails nothing is attached,
   * and no new file stays behind.
   */
  async attach(alias: string, path: string, statements: readonly string[]): Promise<readonly Row[]> {
    return this.write(async (run) => {
      const isNew = await isUnmade(path);
      // What a deleted file of this name has left would be taken for its own.
      if (isNew) await removeDatabase(path);
      try {
        await run(attachSql(alias, path, isNew ? BLOCK_BYTES : undefined));
        let answer: readonly Row[] = [];
        for (const statement of statements) answer = await run(statement);
        this.attached.set(alias, path);
        return answer;
      } catch (cause) {
        await run(detachSql(alias)).catch(() => undefined);
        if (isNew) await removeDatabase(path).catch(() => undefined);
        throw cause;
      }
    });
  }

  /** Whether a file belongs to the engine. */
  has(alias: string): boolean {
    return this.attached.has(alias);
  }

  /** Lets go of a file; waits for the queries that may be reading it. */
  async detach(alias: string): Promise<void> {
    await this.exclusively(async () => {
      try {
        await rows(this.started.writer, detachSql(alias));
      } catch (cause) {
        // Without room for its checkpoint DuckDB complains, but has let go; the file and its log stay whole.
        if (!/^IO Error: Detached database/.test((cause as Error).message)) throw cause;
      }
      this.attached.delete(alias);
    });
  }

  /** Runs `task` alone among writers: what it does to several files or tables no other writer sees half done. */
  async write<T>(task: (run: Read) => Promise<T>): Promise<T> {
    const turn = this.writing.then(() => task((sql, values) => rows(this.started.writer, sql, values)));
    this.writing = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Like `write`, for bulk: on one thread. Two take twice the time of the processor for the same rows and are no sooner
   * done, and what they leave free the rest of the program can use.
   */
  async load<T>(task: (run: Read) => Promise<T>): Promise<T> {
    return this.write(async (run) => {
      await run('SET threads = 1');
      try {
        return await task(run);
      } finally {
        await run(`SET threads = ${THREADS}`);
      }
    });
  }

  /**
   * Runs `task` with a reader that sees one state of the files throughout, whatever is written meanwhile.
   * @throws LW_QUERY_TIMEOUT past the time limit, LW_OVERLOADED when too many are waiting or no reader was free in time,
   * the reason of `signal` once it is aborted.
   */
  async snapshot<T>(
    task: (read: Read) => Promise<T>,
    { timeoutMs = QUERY_TIMEOUT_MS, signal }: SnapshotOptions = {},
  ): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    const reader = await this.readers.take(timeoutMs, signal);
    try {
      return await withDeadline(reader, task, { deadline, timeoutMs, signal });
    } finally {
      this.readers.give(reader);
    }
  }

  /** Like `snapshot`, without a limit of time: for what has to be read when the store is opened, however large it is. */
  async scan<T>(task: (read: Read) => Promise<T>): Promise<T> {
    const reader = await this.readers.takeNext();
    try {
      return await inTransaction(reader, () => task((sql, values) => rows(reader, sql, values)));
    } finally {
      this.readers.give(reader);
    }
  }

  /**
   * Starts anew if a failure asks for it: after a failed write (a full disk) DuckDB refuses everything until then, and a
   * restart that failed halfway has to be tried again.
   */
  async recover(cause: unknown): Promise<void> {
    if (!this.whole || isFatal(cause)) await this.restart();
  }

  /**
   * Starts anew with the same files; waits for the queries that are running. A file that has become damaged is left out
   * and told; rejects when any other cannot be attached, and everything that can be is.
   */
  async restart(): Promise<void> {
    await this.exclusively(async () => {
      if (this.closed) return;
      this.whole = false;
      stop(this.started);
      this.started = await start(this.tempDir);
      const failures = [];
      for (const [alias, path] of this.attached) {
        const failure = await rows(this.started.writer, attachSql(alias, path)).catch((cause: unknown) => ({ cause }));
        if (!('cause' in failure)) continue;
        if (isDamage(failure.cause)) this.leaveOut(alias, path, failure.cause);
        else failures.push(failure.cause);
      }
      if (failures.length > 0) throw failures[0];
      this.whole = true;
    });
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.exclusively(async () => {
      for (const alias of this.attached.keys())
        await rows(this.started.writer, detachSql(alias)).catch(() => undefined);
      stop(this.started);
    });
  }

  private leaveOut(alias: string, path: string, err: unknown): void {
    this.attached.delete(alias);
    this.log.error({ path, err }, 'a file of the store is damaged: what it holds is missing from every answer');
  }

  /** Runs `task` when nobody writes and nobody reads. */
  private async exclusively(task: () => Promise<void>): Promise<void> {
    await this.write(async () => {
      for (let taken = 0; taken < READERS; taken++) await this.readers.takeNext();
      try {
        await task();
      } finally {
        // A restart has brought new ones.
        for (const reader of this.started.readers) this.readers.give(reader);
      }
    });
  }
}

export interface SnapshotOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Started {
  readonly instance: DuckDBInstance;
  readonly writer: DuckDBConnection;
  readonly readers: readonly DuckDBConnection[];
}

async function start(tempDir: string): Promise<Started> {
  const memory = Math.min(MEMORY_MAX_BYTES, Math.max(MEMORY_MIN_BYTES, totalmem() / 16));
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(THREADS),
    memory_limit: `${Math.round(memory / 1e6)}MB`,
    temp_directory: tempDir,
    max_temp_directory_size: SPILL_MAX,
    // What the program needs ships inside it: nothing is fetched, nothing outside the attached files is touched.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const writer = await instance.connect();
  const readers = await Promise.all(Array.from({ length: READERS }, () => instance.connect()));
  return { instance, writer, readers };
}

function stop({ instance, writer, readers }: Started): void {
  for (const connection of [writer, ...readers]) connection.closeSync();
  instance.closeSync();
}

interface Deadline {
  readonly deadline: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs `task` on a reader and stops it at `deadline`, or when `signal` is aborted: the statement that runs, and every one
 * that it would begin.
 */
async function withDeadline<T>(
  reader: DuckDBConnection,
  task: (read: Read) => Promise<T>,
  { deadline, timeoutMs, signal }: Deadline,
): Promise<T> {
  return inTransaction(reader, async () => {
    let stopped = false;
    const interrupt = () => {
      stopped = true;
      reader.interrupt();
      clearTimeout(timer);
      timer = setTimeout(interrupt, INTERRUPT_EVERY_MS);
    };
    let timer = setTimeout(interrupt, deadline - performance.now());
    signal?.addEventListener('abort', interrupt, { once: true });
    try {
      signal?.throwIfAborted();
      return await task(async (sql, values) => {
        if (stopped) throw new Error('the time is up');
        return rows(reader, sql, values);
      });
    } catch (cause) {
      signal?.throwIfAborted();
      if (!stopped) throw cause;
      const message = `the query took longer than ${timeoutMs / 1000} s: narrow its time range (from, to) or its filters`;
      throw new LightwatchError('LW_QUERY_TIMEOUT', message, { cause });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupt);
    }
  });
}

/** Commits what `task` does with a writer's `run`, or nothing of it. */
export async function transaction<T>(run: Read, task: () => Promise<T>): Promise<T> {
  await run('BEGIN TRANSACTION');
  try {
    const result = await task();
    await run('COMMIT');
    return result;
  } catch (cause) {
    await run('ROLLBACK').catch(() => undefined);
    throw cause;
  }
}

async function inTransaction<T>(reader: DuckDBConnection, task: () => Promise<T>): Promise<T> {
  try {
    await reader.run('BEGIN TRANSACTION READ ONLY');
    return await task();
  } finally {
    await reader.run('ROLLBACK').catch(() => undefined);
  }
}

async function rows(
  connection: DuckDBConnection,
  sql: string,
  values: readonly SqlValue[] = [],
): Promise<readonly Row[]> {
  const reader = await connection.runAndReadAll(sql, values.map(bound));
  // By columns, and laid side by side here: a quarter less work than DuckDB's own rows.
  const columns = reader.getColumnsObjectJS();
  const names = Object.keys(columns);
  const lists = Object.values(columns);
  return Array.from({ length: lists[0]?.length ?? 0 }, (_, index) => {
    const row: Record<string, unknown> = {};
    for (let column = 0; column < names.length; column++) row[names[column] as string] = lists[column]?.[index];
    return row;
  });
}

/** Whole numbers as integers: with a double DuckDB compares doubles, and cannot tell what it need not read. */
function bound(value: SqlValue): SqlValue | bigint {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** Whether there is no database at `path`, or one that DuckDB was stopped in making: no headers yet, and no commits. */
async function isUnmade(path: string): Promise<boolean> {
  const bytes = await sizeOf(path);
  return bytes === undefined || (bytes < HEADER_BYTES && !(await sizeOf(walOf(path))));
}

/** Of a file, in bytes; undefined when there is none. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const { size } = await stat(path);
    return size;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

async function removeDatabase(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(walOf(path), { force: true });
}

/** DuckDB's log beside a database file: what is committed and not yet in the file. */
export function walOf(path: string): string {
  return `${path}.wal`;
}

/** A file that is there keeps its own size of blocks, and must not be told another. */
function attachSql(alias: string, path: string, blockBytes?: number): string {
  const blocks = blockBytes === undefined ? '' : `, BLOCK_SIZE ${blockBytes}`;
  return `ATTACH '${path.replaceAll("'", "''")}' AS ${alias} (STORAGE_VERSION 'latest'${blocks})`;
}

function detachSql(alias: string): string {
  return `DETACH DATABASE IF EXISTS ${alias}`;
}
