import { availableParallelism, totalmem } from 'node:os';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { LightwatchError } from '../../errors.ts';

export type SqlValue = string | number | boolean | null;
export type Row = Readonly<Record<string, unknown>>;
/** Runs one statement; question marks stand for `values`, in order. */
export type Read = (sql: string, values?: readonly SqlValue[]) => Promise<readonly Row[]>;

/** A query that takes longer is stopped and answered with `LW_QUERY_TIMEOUT`. */
const QUERY_TIMEOUT_MS = 10_000;
/**
 * Queries that run side by side. Each holds one of libuv's four threads, and one must stay free for the journal's
 * `fdatasync`: more would not be faster, DuckDB spreads one query over the cores by itself.
 */
const READERS = 2;
/** Queries that may wait for a reader before newcomers are refused. */
const READ_QUEUE = 256;
/** Threads of one query. */
const THREADS = Math.max(1, Math.min(4, availableParallelism()));
/** DuckDB spills or refuses past this; a sixteenth of the machine, within these bounds. */
const MEMORY_MIN_BYTES = 128e6;
const MEMORY_MAX_BYTES = 512e6;

/** One DuckDB instance with its attached files: a writer's connection and a few readers'. */
export class Engine {
  private instance: DuckDBInstance;
  private writer: DuckDBConnection;
  private readers: readonly DuckDBConnection[];
  private readonly idle: DuckDBConnection[];
  private readonly waiting: (() => void)[] = [];
  private readonly attached = new Map<string, string>();
  private writing: Promise<unknown> = Promise.resolve();
  private closed = false;
  private whole = true;

  private constructor({ instance, writer, readers }: Started) {
    this.instance = instance;
    this.writer = writer;
    this.readers = readers;
    this.idle = [...readers];
  }

  static async open(): Promise<Engine> {
    return new Engine(await start());
  }

  /** Attaches the database file at `path` under `alias`, which must be an identifier. */
  async attach(alias: string, path: string): Promise<void> {
    await this.writer.run(attachSql(alias, path));
    this.attached.set(alias, path);
  }

  /** Lets go of a file; waits for the queries that may be reading it. */
  async detach(alias: string): Promise<void> {
    await this.exclusively(async () => {
      await this.writer.run(`DETACH ${alias}`);
      this.attached.delete(alias);
    });
  }

  /** Runs `task` alone among writers: what it does to several files or tables no other writer sees half done. */
  async write<T>(
    task: (run: (sql: string, values?: readonly SqlValue[]) => Promise<readonly Row[]>) => Promise<T>,
  ): Promise<T> {
    const turn = this.writing.then(() => task((sql, values) => rows(this.writer, sql, values)));
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
   * @throws LW_QUERY_TIMEOUT past the time limit, LW_OVERLOADED when too many are waiting.
   */
  async snapshot<T>(task: (read: Read) => Promise<T>): Promise<T> {
    const connection = await this.acquire();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      connection.interrupt();
    }, QUERY_TIMEOUT_MS);
    try {
      await connection.run('BEGIN TRANSACTION READ ONLY');
      return await task((sql, values) => rows(connection, sql, values));
    } catch (cause) {
      if (!late) throw cause;
      const message = `the query took longer than ${QUERY_TIMEOUT_MS / 1000} s: narrow its time range (from, to) or its filters`;
      throw new LightwatchError('LW_QUERY_TIMEOUT', message, { cause });
    } finally {
      clearTimeout(timer);
      await connection.run('ROLLBACK').catch(() => undefined);
      this.release(connection);
    }
  }

  /** Whether every file is attached: a restart that failed halfway has to be tried again. */
  get isWhole(): boolean {
    return this.whole;
  }

  /**
   * Starts anew with the same files: after a failed write (a full disk) DuckDB refuses everything until then.
   * Queries that are running fail.
   */
  async restart(): Promise<void> {
    await this.exclusively(async () => {
      this.closeAll();
      ({ instance: this.instance, writer: this.writer, readers: this.readers } = await start());
      this.whole = false;
      for (const [alias, path] of this.attached) await this.writer.run(attachSql(alias, path));
      this.whole = true;
    });
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.exclusively(async () => {
      for (const alias of this.attached.keys()) await this.writer.run(`DETACH ${alias}`).catch(() => undefined);
      this.closeAll();
    });
  }

  private closeAll(): void {
    for (const connection of [this.writer, ...this.readers]) connection.closeSync();
    this.instance.closeSync();
  }

  /** Runs `task` when nobody writes and nobody reads. */
  private async exclusively(task: () => Promise<void>): Promise<void> {
    await this.write(async () => {
      for (let reader = 0; reader < READERS; reader++) await this.acquire();
      try {
        await task();
      } finally {
        // A restart has brought new ones.
        for (const reader of this.readers) this.release(reader);
      }
    });
  }

  private async acquire(): Promise<DuckDBConnection> {
    for (;;) {
      const connection = this.idle.pop();
      if (connection !== undefined) return connection;
      if (this.waiting.length >= READ_QUEUE) {
        throw new LightwatchError('LW_OVERLOADED', 'too many queries are waiting', { retryAfterS: 1 });
      }
      await new Promise<void>((resume) => this.waiting.push(resume));
    }
  }

  private release(connection: DuckDBConnection): void {
    this.idle.push(connection);
    this.waiting.shift()?.();
  }
}

interface Started {
  readonly instance: DuckDBInstance;
  readonly writer: DuckDBConnection;
  readonly readers: readonly DuckDBConnection[];
}

async function start(): Promise<Started> {
  const memory = Math.min(MEMORY_MAX_BYTES, Math.max(MEMORY_MIN_BYTES, totalmem() / 16));
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(THREADS),
    memory_limit: `${Math.round(memory / 1e6)}MB`,
    // What the program needs ships inside it: nothing is fetched, nothing outside the attached files is touched.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const writer = await instance.connect();
  const readers = await Promise.all(Array.from({ length: READERS }, () => instance.connect()));
  return { instance, writer, readers };
}

async function rows(
  connection: DuckDBConnection,
  sql: string,
  values: readonly SqlValue[] = [],
): Promise<readonly Row[]> {
  const reader = await connection.runAndReadAll(sql, [...values]);
  return reader.getRowObjectsJS();
}

function attachSql(alias: string, path: string): string {
  return `ATTACH '${path.replaceAll("'", "''")}' AS ${alias} (STORAGE_VERSION 'latest')`;
}
